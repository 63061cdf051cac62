-- How many incidents the board would show, counted no further than `limit`.
SELECT count(*) AS number
FROM (
    SELECT 1
    FROM incidents_incident AS i
    WHERE
        (
            (%(start)s::timestamptz IS NULL AND i.status = any(%(open)s))
            OR (
                i.reported_at < %(finish)s::timestamptz
                AND (i.closed_at IS NULL OR i.closed_at >= %(start)s::timestamptz)
            )
        )
        AND (
            %(everything)s OR i.district = any(%(districts)s)
            OR i.community_id = any(%(communities)s::bigint []) OR i.cell_id = any(%(cells)s::bigint [])
            OR i.id IN (
                SELECT d.incident_id FROM incidents_part AS d WHERE d.department_id = any(%(departments)s::bigint [])
            )
        )
        AND (%(status)s::text IS NULL OR i.status = %(status)s)
        AND (%(lamp)s::text IS NULL OR %(lamp)s = CASE
            WHEN i.id IN (SELECT c.incident_id FROM incidents_clock AS c WHERE c.suspended_at IS NOT NULL) THEN 'green'
            WHEN i.due_at IS NULL OR %(now)s < i.reported_at + (i.due_at - i.reported_at) * 0.7 THEN 'green'
            WHEN %(now)s <= i.due_at THEN 'yellow'
            ELSE 'red'
        END)
        AND (%(category)s::text IS NULL OR i.category_id IN (SELECT k.id FROM incidents_category AS k WHERE k.code LIKE %(category)s || '%%'))
        AND (%(area)s::text IS NULL OR i.community_id IN (SELECT a.id FROM geo_grid_area AS a WHERE a.code LIKE %(area)s || '%%'))
        AND (%(department)s::text IS NULL OR i.id IN (
            SELECT p.incident_id
            FROM incidents_part AS p
            INNER JOIN geo_grid_department AS o ON p.department_id = o.id
            WHERE o.code = %(department)s
        ))
        AND (%(cell)s::text IS NULL OR i.cell_id IN (SELECT c.id FROM geo_grid_cell AS c WHERE c.code = %(cell)s))
        AND (%(since)s::timestamptz IS NULL OR i.reported_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR i.reported_at < %(until)s)
        AND (%(west)s::float IS NULL OR i.point && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326))
    LIMIT %(limit)s
) AS found
