-- Incidents that lie in pieces of ground which changed hands, and the cell each belongs to now.
-- Inside a piece no test is needed; in the strip along its border the rule of cell_at.sql decides,
-- and so it does along the other edges of what was redrawn: a new corner on a long edge, straight in
-- metres, moves it by some centimetres of degrees. Those near the outer border go to the nearest
-- cell again. Driven from the pieces and edges.
WITH wanted AS (
    SELECT %(open)s::text [] AS open, %(since)s::timestamptz AS since, %(gone)s::bigint [] AS gone
),

kernel AS (
    SELECT k.result, ST_GeomFromWKB(k.shape, 4326) AS geom
    FROM unnest(%(results)s::bigint [], %(kernels)s::bytea []) AS k (result, shape)
),

strip AS (
    SELECT ST_GeomFromWKB(s.shape, 4326) AS geom FROM unnest(%(strips)s::bytea []) AS s (shape)
),

edge AS (
    SELECT ST_Expand(e.geom, 5e-6) AS geom -- half a metre
    FROM geo_grid_cellboundary AS b
    CROSS JOIN LATERAL ST_DumpSegments(ST_Segmentize(ST_Boundary(b.geom), 5e-4)) AS e
    WHERE b.plan_id = %(plan)s AND b.valid_during @> %(since)s::timestamptz
),


inside AS (
    SELECT f.id, b.cell_id, b.id AS boundary_id, b.community_id, 'INSIDE' AS reason
    FROM kernel AS k
    INNER JOIN geo_grid_cellboundary AS b
        ON k.result = b.cell_id AND b.valid_during @> %(since)s::timestamptz
    CROSS JOIN LATERAL (
        SELECT i.id FROM incidents_incident AS i, wanted AS w
        WHERE
            ST_Intersects(k.geom, i.point)
            AND (i.status = any(w.open) OR CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END >= w.since)
            AND (i.reason NOT IN ('BY_HAND', 'NEAREST') OR i.cell_id = any(w.gone))
        OFFSET 0
    ) AS f
),

bordering AS (
    SELECT DISTINCT f.id, f.point
    FROM (SELECT geom FROM strip UNION ALL SELECT geom FROM edge) AS s
    CROSS JOIN LATERAL (
        SELECT i.id, i.point FROM incidents_incident AS i, wanted AS w
        WHERE
            ST_Intersects(s.geom, i.point)
            AND (i.status = any(w.open) OR CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END >= w.since)
            AND (i.reason NOT IN ('BY_HAND', 'NEAREST') OR i.cell_id = any(w.gone))
        OFFSET 0
    ) AS f
),

on_border AS (
    SELECT p.id, h.cell_id, h.boundary_id, h.community_id,
        CASE WHEN h.several THEN 'ON_BORDER' ELSE 'INSIDE' END AS reason
    FROM bordering AS p
    CROSS JOIN LATERAL (
        SELECT b.cell_id, b.id AS boundary_id, b.community_id, count(*) OVER () > 1 AS several
        FROM geo_grid_cellboundary AS b
        INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
        WHERE ST_DWithin(b.geom, p.point, %(border_degrees)s) AND b.valid_during @> %(since)s::timestamptz
        ORDER BY c.code COLLATE "C"
        LIMIT 1
    ) AS h
),

outside AS (
    SELECT DISTINCT i.id, i.point
    FROM strip AS s
    INNER JOIN incidents_incident AS i
        ON i.point && ST_Expand(s.geom, 2 * %(tolerance_m)s / 90000.0)
    CROSS JOIN wanted AS w
    WHERE i.reason = 'NEAREST' AND (i.status = any(w.open) OR CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END >= w.since)
),

nearest AS (
    SELECT p.id, h.cell_id, h.boundary_id, h.community_id, 'NEAREST' AS reason
    FROM outside AS p
    CROSS JOIN LATERAL (
        SELECT b.cell_id, b.id AS boundary_id, b.community_id
        FROM geo_grid_cellboundary AS b
        INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
        WHERE
            b.geom && ST_Expand(
                p.point,
                2 * %(tolerance_m)s / 110000.0 / greatest(cos(radians(ST_Y(p.point))), 0.01),
                2 * %(tolerance_m)s / 110000.0
            )
            AND b.valid_during @> %(since)s::timestamptz
        ORDER BY ST_Distance(b.geom::geography, p.point::geography), c.code COLLATE "C"
        LIMIT 1
    ) AS h
),

target AS (
    SELECT DISTINCT ON (id) id, cell_id, boundary_id, community_id, reason
    FROM (
        SELECT *, 1 AS rank FROM on_border
        UNION ALL
        SELECT *, 2 FROM nearest
        UNION ALL
        SELECT *, 3 FROM inside
    ) AS every
    ORDER BY id, rank
)

SELECT
    t.id,
    i.cell_id AS old_cell_id,
    json_build_object('district', i.district, 'community', a.code, 'cell', c.code) AS was,
    t.cell_id,
    t.boundary_id,
    t.community_id,
    t.reason
FROM target AS t
INNER JOIN incidents_incident AS i ON t.id = i.id
LEFT JOIN geo_grid_cell AS c ON i.cell_id = c.id
LEFT JOIN geo_grid_area AS a ON i.community_id = a.id
WHERE
    i.cell_id IS DISTINCT FROM t.cell_id
    OR i.community_id IS DISTINCT FROM t.community_id
    OR (
        CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END >= %(since)s::timestamptz
        AND i.boundary_id <> t.boundary_id
    )
