-- Incidents of the board as JSON arrays, newest first or, `by_due`, what is due first: those open now, or, for a past day, those
-- open at some time between `start` and `finish`. Nothing personal. Order of the columns:
-- number, lon, lat, status, category, cell, community, reported, due, closed (seconds), urgent, cell name,
-- codes of the departments that have or had a part, as live messages tell them, suspended; of a
-- past day also what was told of each: at, status, due, suspended, the last before it and those within
SELECT coalesce(json_agg(r.told ORDER BY r.due_at, r.reported_at DESC, r.id DESC), '[]')::text AS told
FROM (
    SELECT
        i.id,
        i.reported_at,
        CASE WHEN %(by_due)s THEN i.due_at END AS due_at,
        json_build_array(
            i.number,
            round(ST_X(i.point)::numeric, 6),
            round(ST_Y(i.point)::numeric, 6),
            i.status,
            cat.code,
            c.code,
            a.code,
            extract(EPOCH FROM i.reported_at)::bigint,
            extract(EPOCH FROM i.due_at)::bigint,
            extract(EPOCH FROM i.closed_at)::bigint,
            i.urgent::int,
            c.name,
            ARRAY(
                SELECT DISTINCT o.code
                FROM incidents_part AS p
                INNER JOIN geo_grid_department AS o ON p.department_id = o.id
                WHERE p.incident_id = i.id
            ),
            EXISTS (SELECT 1 FROM incidents_clock AS w WHERE w.incident_id = i.id AND w.suspended_at IS NOT NULL)::int,
            CASE
                WHEN %(start)s::timestamptz IS NOT NULL THEN ARRAY(
                    SELECT
                        json_build_array(
                            extract(EPOCH FROM e.at)::bigint,
                            e.payload ->> 'status',
                            extract(EPOCH FROM (e.payload ->> 'due_at')::timestamptz)::bigint,
                            EXISTS (
                                SELECT 1
                                FROM incidents_suspension AS u
                                WHERE u.incident_id = i.id AND u.since <= e.at AND (u.until IS NULL OR u.until > e.at)
                            )::int
                        )
                    FROM incidents_incidentevent AS e
                    WHERE
                        e.incident_id = i.id AND e.at < %(finish)s::timestamptz AND e.payload ? 'status'
                        AND e.at >= coalesce(
                            (
                                SELECT max(b.at)
                                FROM incidents_incidentevent AS b
                                WHERE b.incident_id = i.id AND b.at <= %(start)s::timestamptz AND b.payload ? 'status'
                            ),
                            '-infinity'
                        )
                    ORDER BY e.at, e.id
                )
            END
        ) AS told
    FROM incidents_incident AS i
    INNER JOIN incidents_category AS cat ON i.category_id = cat.id
    LEFT JOIN geo_grid_area AS a ON i.community_id = a.id
    LEFT JOIN geo_grid_cell AS c ON i.cell_id = c.id
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN i.id IN (SELECT c.incident_id FROM incidents_clock AS c WHERE c.suspended_at IS NOT NULL) THEN 'green'
                WHEN i.due_at IS NULL OR %(now)s < i.reported_at + (i.due_at - i.reported_at) * 0.7 THEN 'green'
                WHEN %(now)s <= i.due_at THEN 'yellow'
                ELSE 'red'
            END AS lamp
    ) AS k
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
        AND (%(lamp)s::text IS NULL OR k.lamp = %(lamp)s)
        AND (%(category)s::text IS NULL OR cat.code LIKE %(category)s || '%%')
        AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
        AND (%(department)s::text IS NULL OR i.id IN (
            SELECT p.incident_id
            FROM incidents_part AS p
            INNER JOIN geo_grid_department AS o ON p.department_id = o.id
            WHERE o.code = %(department)s
        ))
        AND (%(cell)s::text IS NULL OR c.code = %(cell)s)
        AND (%(since)s::timestamptz IS NULL OR i.reported_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR i.reported_at < %(until)s)
        AND (%(west)s::float IS NULL OR i.point && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326))
    ORDER BY CASE WHEN %(by_due)s THEN i.due_at END, i.reported_at DESC, i.id DESC
    LIMIT %(limit)s
) AS r
