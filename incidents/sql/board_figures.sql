-- The figures of the board in one scan: what is open, and what was reported or closed since
-- midnight, as far as the viewer reaches. One row with one JSON text.
-- width: 9 counts by town, 12 by community, 20 by cell, always below `area`.
-- Counted first and named afterwards: 50,000 rows become some thousand groups before any join.
WITH grouped AS MATERIALIZED (
    SELECT
        i.status,
        i.urgent,
        i.cell_id IS NULL AS loose,
        i.category_id,
        i.community_id,
        CASE WHEN %(width)s = 20 THEN i.cell_id END AS cell_id,
        CASE WHEN i.reported_at >= %(midnight)s THEN extract(HOUR FROM i.reported_at AT TIME ZONE %(zone)s)::int END AS hour,
        coalesce(i.closed_at >= %(midnight)s, FALSE) AS is_done,
        CASE
            WHEN i.id IN (SELECT c.incident_id FROM incidents_clock AS c WHERE c.suspended_at IS NOT NULL) THEN 'green'
            WHEN i.due_at IS NULL OR %(now)s < i.reported_at + (i.due_at - i.reported_at) * 0.7 THEN 'green'
            WHEN %(now)s <= i.due_at THEN 'yellow'
            ELSE 'red'
        END AS lamp,
        count(*) AS number
    FROM incidents_incident AS i
    WHERE
        (i.status = any(%(open)s) OR i.reported_at >= %(midnight)s OR i.closed_at >= %(midnight)s)
        AND (
            %(everything)s OR i.district = any(%(districts)s)
            OR i.community_id = any(%(communities)s::bigint []) OR i.cell_id = any(%(cells)s::bigint [])
            OR i.id IN (
                SELECT d.incident_id FROM incidents_part AS d WHERE d.department_id = any(%(departments)s::bigint [])
            )
        )
        AND (%(status)s::text IS NULL OR i.status = %(status)s)
        AND (%(category)s::text IS NULL OR i.category_id IN (
            SELECT k.id FROM incidents_category AS k WHERE k.code LIKE %(category)s || '%%'
        ))
        AND (%(area)s::text IS NULL OR i.community_id IN (
            SELECT a.id FROM geo_grid_area AS a WHERE a.code LIKE %(area)s || '%%'
        ))
        AND (%(department)s::text IS NULL OR i.id IN (
            SELECT p.incident_id
            FROM incidents_part AS p
            INNER JOIN geo_grid_department AS o ON p.department_id = o.id
            WHERE o.code = %(department)s
        ))
        AND (%(cell)s::text IS NULL OR i.cell_id IN (SELECT c.id FROM geo_grid_cell AS c WHERE c.code = %(cell)s))
        AND (%(since)s::timestamptz IS NULL OR i.reported_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR i.reported_at < %(until)s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),

picked AS MATERIALIZED (
    SELECT
        g.*,
        g.status = any(%(open)s) AS is_open,
        g.hour IS NOT NULL AS is_new,
        left(cat.code, 2) AS category,
        CASE WHEN %(width)s = 20 THEN c.code ELSE left(a.code, %(width)s) END AS place
    FROM grouped AS g
    INNER JOIN incidents_category AS cat ON g.category_id = cat.id
    LEFT JOIN geo_grid_area AS a ON g.community_id = a.id
    LEFT JOIN geo_grid_cell AS c ON g.cell_id = c.id
    WHERE %(lamp)s::text IS NULL OR g.lamp = %(lamp)s
),

places AS (
    SELECT a.code, a.name
    FROM geo_grid_area AS a
    WHERE
        a.active AND length(a.code) = %(width)s AND a.code LIKE coalesce(%(area)s, '') || '%%'
        AND (
            %(everything)s OR left(a.code, 6) = any(%(districts)s) OR EXISTS (
                SELECT 1 FROM geo_grid_area AS below
                WHERE below.id = any(%(communities)s::bigint []) AND below.code LIKE a.code || '%%'
            )
        )
    UNION ALL
    SELECT c.code, c.name
    FROM geo_grid_cellboundary AS b
    INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
    INNER JOIN geo_grid_area AS a ON b.community_id = a.id
    WHERE %(width)s = 20 AND a.code = %(area)s AND b.valid_during @> %(now)s::timestamptz
),

by_place AS (
    SELECT
        p.code,
        p.name,
        coalesce(sum(number) FILTER (WHERE k.is_open), 0) AS open,
        coalesce(sum(number) FILTER (WHERE k.is_open AND k.lamp = 'red'), 0) AS red,
        coalesce(sum(number) FILTER (WHERE k.is_open AND k.lamp = 'yellow'), 0) AS yellow,
        coalesce(sum(number) FILTER (WHERE k.is_new), 0) AS reported
    FROM places AS p LEFT JOIN picked AS k ON p.code = k.place
    GROUP BY p.code, p.name
),

by_category AS (
    SELECT
        g.code,
        g.name,
        g.name_en,
        coalesce(sum(number) FILTER (WHERE k.is_open), 0) AS open,
        coalesce(sum(number) FILTER (WHERE k.is_open AND k.lamp = 'red'), 0) AS red,
        coalesce(sum(number) FILTER (WHERE k.is_new), 0) AS reported
    FROM picked AS k INNER JOIN incidents_category AS g ON k.category = g.code
    GROUP BY g.code, g.name, g.name_en
),

by_hour AS (SELECT hour, sum(number) AS reported FROM picked WHERE is_new GROUP BY hour),

by_status AS (SELECT status, sum(number) AS number FROM picked WHERE is_open GROUP BY status)

SELECT
    json_build_object(
        'open', coalesce(sum(number) FILTER (WHERE is_open), 0),
        'red', coalesce(sum(number) FILTER (WHERE is_open AND lamp = 'red'), 0),
        'yellow', coalesce(sum(number) FILTER (WHERE is_open AND lamp = 'yellow'), 0),
        'green', coalesce(sum(number) FILTER (WHERE is_open AND lamp = 'green'), 0),
        'urgent', coalesce(sum(number) FILTER (WHERE is_open AND urgent), 0),
        'unassigned', coalesce(sum(number) FILTER (WHERE is_open AND loose), 0),
        'reported', coalesce(sum(number) FILTER (WHERE is_new), 0),
        'closed', coalesce(sum(number) FILTER (WHERE is_done), 0),
        'places', (SELECT json_agg(p ORDER BY p.open DESC, p.code) FROM by_place AS p),
        'categories', (SELECT json_agg(g ORDER BY g.open DESC, g.code) FROM by_category AS g),
        'hours', (SELECT json_object_agg(h.hour, h.reported) FROM by_hour AS h),
        'statuses', (SELECT json_object_agg(s.status, s.number) FROM by_status AS s)
    )::text AS told
FROM picked
