-- Where the name of a cell stands at the moment shown: one point inside it.
SELECT b.id, c.code, c.name, ST_PointOnSurface(b.geom) AS geom
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS community ON b.community_id = community.id
WHERE
    b.valid_during @> %(at)s::timestamptz
    AND (%(area)s::text IS NULL OR community.code LIKE %(area)s || '%%')
