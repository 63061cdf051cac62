-- The cell of one point at one moment. A point on a shared border touches several cells: the lowest
-- code wins, and the second row tells that it was a border. It touches within border_degrees: a
-- border is kept to the millimetre, and somebody's own words for a point on it may be half of one off. Only where no cell
-- holds the point are the neighbours within the tolerance measured.
WITH spot AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point
),

inside AS (
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
        0::float AS distance_m
    FROM geo_grid_cellboundary AS b
    INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
    INNER JOIN geo_grid_area AS a ON b.community_id = a.id
    CROSS JOIN spot
    WHERE
        ST_DWithin(b.geom, spot.point, %(border_degrees)s)
        AND b.valid_during @> %(at)s::timestamptz
    ORDER BY c.code COLLATE "C"
    LIMIT 2
),

near AS (
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
        ST_Distance(b.geom::geography, spot.point::geography) AS distance_m
    FROM geo_grid_cellboundary AS b
    INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
    INNER JOIN geo_grid_area AS a ON b.community_id = a.id
    CROSS JOIN spot
    WHERE
        NOT EXISTS (SELECT 1 FROM inside)
        AND b.geom && ST_Expand(
            spot.point,
            %(tolerance_m)s / 110000.0 / greatest(cos(radians(%(lat)s)), 0.01),
            %(tolerance_m)s / 110000.0
        )
        AND b.valid_during @> %(at)s::timestamptz
    ORDER BY distance_m, c.code COLLATE "C"
    LIMIT 1
)

SELECT * FROM inside
UNION ALL
SELECT * FROM near
WHERE distance_m <= %(tolerance_m)s
