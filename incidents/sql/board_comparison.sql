-- Two periods side by side, by upper category and by town: reported (without what was
-- void) and closed in each, and of the closed those in time. `side` is 1 for the first period and 2 for the second.
WITH periods AS (
    SELECT 1 AS side, %(first_since)s::timestamptz AS since, %(first_until)s::timestamptz AS until
    UNION ALL
    SELECT 2, %(second_since)s::timestamptz, %(second_until)s::timestamptz
),

picked AS (
    SELECT
        p.side,
        left(cat.code, 2) AS category,
        left(a.code, 9) AS town,
        i.status <> 'VOID' AND i.reported_at >= p.since AND i.reported_at < p.until AS is_new,
        i.status = 'CLOSED' AND i.closed_at >= p.since AND i.closed_at < p.until AS is_done,
        i.due_at IS NULL OR i.closed_at <= i.due_at AS in_time
    FROM periods AS p
    INNER JOIN incidents_incident AS i
        ON
            (i.reported_at >= p.since AND i.reported_at < p.until)
            OR (i.closed_at >= p.since AND i.closed_at < p.until)
    INNER JOIN incidents_category AS cat ON i.category_id = cat.id
    LEFT JOIN geo_grid_area AS a ON i.community_id = a.id
    WHERE
        (
            %(everything)s OR i.district = any(%(districts)s)
            OR i.community_id = any(%(communities)s::bigint []) OR i.cell_id = any(%(cells)s::bigint [])
            OR i.id IN (
                SELECT d.incident_id FROM incidents_part AS d WHERE d.department_id = any(%(departments)s::bigint [])
            )
        )
        AND (%(department)s::text IS NULL OR i.id IN (
            SELECT q.incident_id
            FROM incidents_part AS q
            INNER JOIN geo_grid_department AS o ON q.department_id = o.id
            WHERE o.code = %(department)s
        ))
        AND (%(category)s::text IS NULL OR cat.code LIKE %(category)s || '%%')
        AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
)

SELECT
    CASE grouping(category, town) WHEN 1 THEN 'category' WHEN 2 THEN 'town' ELSE 'all' END AS kind,
    coalesce(category, town, '') AS code,
    side,
    count(*) FILTER (WHERE is_new) AS reported,
    count(*) FILTER (WHERE is_done) AS closed,
    count(*) FILTER (WHERE is_done AND in_time) AS in_time
FROM picked
GROUP BY GROUPING SETS ((side, category), (side, town), (side))
ORDER BY kind, code, side
