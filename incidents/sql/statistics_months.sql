-- Cases reported in each month of a period, as they stood at its end. Month by month, each a range
-- of the index: sorting by a computed month costs more than counting.
SELECT to_char(m.day, 'YYYY-MM') AS key, c.*
FROM (
    SELECT day, day AT TIME ZONE %(zone)s AS first
    FROM generate_series(
        date_trunc('month', %(since)s::timestamptz AT TIME ZONE %(zone)s),
        %(until)s::timestamptz AT TIME ZONE %(zone)s,
        interval '1 month'
    ) AS day
) AS m
CROSS JOIN LATERAL (
    SELECT
            count(*) AS reported,
            count(*) FILTER (
                WHERE i.status IN ('HANDLING', 'RESOLVED', 'REWORK', 'CLOSED')
            ) AS accepted,
            count(*) FILTER (WHERE i.closed_at < %(until)s AND i.status = 'CLOSED') AS closed,
            count(*) FILTER (WHERE i.closed_at IS NULL OR i.closed_at >= %(until)s) AS open,
            count(*) FILTER (
                WHERE i.closed_at < %(until)s AND i.status IN ('VOID', 'REFUSED')
            ) AS void
        FROM incidents_incident AS i
        WHERE
            i.reported_at >= greatest(m.first, %(since)s)
            AND i.reported_at < least((m.day + interval '1 month') AT TIME ZONE %(zone)s, %(until)s)
            AND NOT i.legacy
            AND (
                %(everything)s
                OR i.district = ANY(%(districts)s)
                OR i.community_id = ANY(%(communities)s)
                OR i.cell_id = ANY(%(cells)s)
                OR i.id IN (
                    SELECT d.incident_id FROM incidents_part AS d WHERE d.department_id = ANY(%(departments)s)
                )
            )
            AND (%(category_ids)s::bigint [] IS NULL OR i.category_id = ANY(%(category_ids)s))
            AND (%(community_ids)s::bigint [] IS NULL OR i.community_id = ANY(%(community_ids)s))
) AS c
WHERE c.reported > 0
ORDER BY m.day
