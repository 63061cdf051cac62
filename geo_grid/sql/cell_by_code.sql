-- One cell by its code where it lies at a moment, with a point inside it.
SELECT
    b.id AS boundary_id,
    b.cell_id,
    b.community_id,
    c.code,
    c.name,
    c.district,
    a.code AS community,
    a.name AS community_name,
    upper(b.valid_during) AS ends_at,
    0::float AS distance_m,
    ST_X(ST_PointOnSurface(b.geom)) AS lon,
    ST_Y(ST_PointOnSurface(b.geom)) AS lat
FROM geo_grid_cell AS c
INNER JOIN geo_grid_cellboundary AS b ON c.id = b.cell_id
INNER JOIN geo_grid_area AS a ON b.community_id = a.id
WHERE c.code = %(code)s AND b.valid_during @> %(at)s::timestamptz
