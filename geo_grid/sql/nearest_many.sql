-- The rule of cell_at.sql for points that lie in no cell: the nearest within the tolerance.
SELECT DISTINCT ON (p.place)
    p.place,
    b.id AS boundary,
    b.cell_id AS cell,
    b.community_id AS community,
    c.district,
    far.distance_m
FROM unnest(%(lons)s::float [], %(lats)s::float [], %(moments)s::timestamptz [])
WITH ORDINALITY AS p (lon, lat, moment, place)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS point OFFSET 0) AS spot
INNER JOIN geo_grid_cellboundary AS b
    ON
        ST_DWithin(
            b.geom, spot.point, %(tolerance_m)s / 110000.0 / greatest(cos(radians(p.lat)), 0.01)
        )
        AND b.valid_during @> p.moment
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
CROSS JOIN LATERAL (
    SELECT ST_Distance(b.geom::geography, spot.point::geography) AS distance_m OFFSET 0
) AS far
WHERE far.distance_m <= %(tolerance_m)s
ORDER BY p.place, far.distance_m, c.code COLLATE "C"
