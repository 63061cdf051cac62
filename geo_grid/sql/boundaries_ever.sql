-- Every boundary that is or was in force, by code: for a point on a border the lowest wins.
SELECT
    b.id AS boundary,
    b.cell_id AS cell,
    b.community_id AS community,
    c.district,
    ST_AsBinary(b.geom) AS shape,
    lower(b.valid_during) AS since,
    upper(b.valid_during) AS until
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
WHERE b.valid_during IS NOT NULL
ORDER BY c.code COLLATE "C", b.id
