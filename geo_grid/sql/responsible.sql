-- Who answers for each of the given cells at a moment, and by which rule. First that holds in the
-- order of geo_grid/roles.py, its deputy after it, the nearest area first: the worker, an assistant,
-- a cell head, an officer of the community, of the town, of the district: never nobody while anybody
-- is in office.
-- Each step is made once: where statistics still say "no rows", as after a first load, the planner
-- would otherwise do all of it again for every account. OFFSET 0: from the cell to its posts; the
-- planner, who does not know the moment, would begin with everybody who is in office at it.
WITH ground AS (
    SELECT
        c.id AS cell_id,
        area.code AS community
    FROM geo_grid_cell AS c
    LEFT JOIN LATERAL (
        SELECT b.community_id
        FROM geo_grid_cellboundary AS b
        WHERE b.cell_id = c.id AND b.valid_during IS NOT NULL
        ORDER BY (b.valid_during @> %(at)s::timestamptz) DESC, lower(b.valid_during) DESC
        LIMIT 1
    ) AS latest ON TRUE
    LEFT JOIN geo_grid_area AS area ON latest.community_id = area.id
    WHERE c.id = any(%(cells)s)
),

candidates AS MATERIALIZED (
    SELECT g.cell_id, p.id AS post_id, p.user_id, p.role, 15 AS nearness
    FROM ground AS g
    CROSS JOIN LATERAL (
        SELECT held.id, held.user_id, held.role
        FROM geo_grid_post AS held
        WHERE
            held.cell_id = g.cell_id
            AND held.role = any(%(answering)s::text [])
            AND held.held_during @> %(at)s::timestamptz
        OFFSET 0
    ) AS p
    UNION ALL
    SELECT g.cell_id, p.id, p.user_id, p.role, length(a.code)
    FROM ground AS g
    CROSS JOIN LATERAL (
        SELECT area.id, area.code
        FROM geo_grid_area AS area
        WHERE area.code IN (g.community, left(g.community, 9), left(g.community, 6))
        OFFSET 0
    ) AS a
    CROSS JOIN LATERAL (
        SELECT held.id, held.user_id, held.role
        FROM geo_grid_post AS held
        WHERE
            held.area_id = a.id
            AND held.role = any(%(answering)s::text [])
            AND held.held_during @> %(at)s::timestamptz
        OFFSET 0
    ) AS p
),

present AS MATERIALIZED (
    SELECT
        k.cell_id,
        k.post_id,
        k.role,
        k.nearness,
        l.id IS NOT NULL AS stands_in,
        CASE WHEN l.id IS NULL THEN k.user_id ELSE l.deputy_id END AS user_id
    FROM candidates AS k
    LEFT JOIN geo_grid_leave AS l
        ON k.post_id = l.post_id AND l.during @> %(at)s::timestamptz
)

SELECT DISTINCT ON (p.cell_id)
    p.cell_id,
    p.post_id,
    p.user_id,
    u.display_name AS name,
    u.phone,
    CASE WHEN p.stands_in THEN p.role || '_DEPUTY' ELSE p.role END AS rule
FROM present AS p
INNER JOIN geo_grid_user AS u ON p.user_id = u.id AND u.is_active
ORDER BY
    p.cell_id,
    array_position(%(answering)s::text [], p.role::text),
    p.stands_in,
    p.nearness DESC,
    p.post_id
