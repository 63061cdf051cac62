COPY gridmaps_drawing (drawn_set_id, band, feature, told, shape) FROM STDIN
