-- Where the worker of a cell is reached: a point inside the cell, and by which rule somebody
-- answers. Neither name nor number: a page asks for these when a person opens the card.
WITH ground AS (
    SELECT b.id, b.cell_id, c.code, c.name, area.code AS community, b.geom
    FROM geo_grid_cellboundary AS b
    INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
    INNER JOIN geo_grid_area AS area ON b.community_id = area.id
    WHERE
        b.valid_during @> %(at)s::timestamptz
        AND (
            %(everything)s OR c.district = any(%(districts)s)
            OR b.community_id = any(%(communities)s::bigint []) OR b.cell_id = any(%(cells)s::bigint [])
        )
        AND (%(area)s::text IS NULL OR area.code LIKE %(area)s || '%%')
),

held AS (
    SELECT
        g.id,
        bool_or(p.cell_id IS NOT NULL AND l.id IS NULL) AS by_worker,
        bool_or(p.cell_id IS NOT NULL AND l.deputy_id IS NOT NULL) AS by_deputy,
        bool_or(p.cell_id IS NULL AND (l.id IS NULL OR l.deputy_id IS NOT NULL)) AS from_above
    FROM ground AS g
    LEFT JOIN geo_grid_area AS a
        ON a.code IN (g.community, left(g.community, 9), left(g.community, 6))
    INNER JOIN geo_grid_post AS p
        ON
            (g.cell_id = p.cell_id OR a.id = p.area_id)
            AND p.role = any(%(answering)s::text [])
    INNER JOIN geo_grid_user AS u ON p.user_id = u.id AND u.is_active
    LEFT JOIN geo_grid_leave AS l ON p.id = l.post_id AND l.during @> %(at)s::timestamptz
    WHERE p.held_during @> %(at)s::timestamptz
    GROUP BY g.id
)

SELECT
    g.id,
    g.code,
    g.name,
    g.community,
    CASE
        WHEN h.by_worker THEN 'worker'
        WHEN h.by_deputy THEN 'deputy'
        WHEN h.from_above THEN 'above'
        ELSE 'nobody'
    END AS duty,
    ST_PointOnSurface(g.geom) AS geom
FROM ground AS g
LEFT JOIN held AS h ON g.id = h.id
