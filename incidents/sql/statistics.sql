-- Counts of the cases of a period, [since, until), as they stood at its end: one row for each value
-- of the dimension asked for. Read from the index incident_statistics and, for the few old cases that
-- were open or due within the period, from incident_long.
WITH cases AS (
    SELECT
        id, reported_at, due_at, closed_at, status, legacy, district, community_id, cell_id,
        category_id, worker_id, reworks
    FROM incidents_incident
    WHERE reported_at >= %(near)s AND reported_at < %(until)s
    UNION ALL
    SELECT
        id, reported_at, due_at, closed_at, status, legacy, district, community_id, cell_id,
        category_id, worker_id, reworks
    FROM incidents_incident
    WHERE
        reported_at < %(near)s
        AND (
            closed_at IS NULL
            OR closed_at - reported_at > interval '2160 hours'
            OR due_at - reported_at > interval '2160 hours'
        )
),

still AS (
    SELECT DISTINCT incident_id FROM incidents_suspension
    WHERE since < %(until)s AND (until IS NULL OR until >= %(until)s)
),

granted AS (SELECT DISTINCT incident_id FROM incidents_clock WHERE extension > 0),

seen AS (
    SELECT
        CASE %(by)s
            WHEN 'cell' THEN i.cell_id
            WHEN 'category' THEN i.category_id
            WHEN 'worker' THEN i.worker_id
            ELSE i.community_id
        END AS key,
        i.status, i.reworks,
        i.closed_at IS NULL OR i.closed_at >= %(until)s AS still_open,
        i.reported_at >= %(since)s AS reported,
        i.due_at < %(until)s
        AND (i.due_at >= %(since)s OR i.closed_at IS NULL OR i.closed_at >= %(since)s) AS due,
        i.closed_at <= i.due_at AS in_time,
        s.incident_id IS NOT NULL AS suspended,
        g.incident_id IS NOT NULL AS extended
    FROM cases AS i
    LEFT JOIN still AS s ON i.id = s.incident_id
    LEFT JOIN granted AS g ON i.id = g.incident_id
    WHERE
        NOT i.legacy
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
)

SELECT
    key,
    count(*) FILTER (WHERE reported) AS reported,
    count(*) FILTER (
        WHERE reported AND status IN ('HANDLING', 'RESOLVED', 'REWORK', 'CLOSED')
    ) AS accepted,
    count(*) FILTER (WHERE reported AND NOT still_open AND status = 'CLOSED') AS closed,
    count(*) FILTER (WHERE reported AND still_open) AS open,
    count(*) FILTER (
        WHERE reported AND NOT still_open AND status IN ('VOID', 'REFUSED')
    ) AS void,
    count(*) FILTER (WHERE due AND (still_open OR status = 'CLOSED')) AS due,
    count(*) FILTER (WHERE due AND still_open AND suspended) AS suspended,
    count(*) FILTER (WHERE due AND NOT still_open AND status = 'CLOSED') AS due_closed,
    count(*) FILTER (
        WHERE due AND NOT still_open AND status = 'CLOSED' AND in_time
    ) AS due_on_time,
    count(*) FILTER (WHERE due AND still_open AND NOT suspended) AS overdue,
    count(*) FILTER (
        WHERE due AND (still_open OR status = 'CLOSED') AND reworks > 0
    ) AS reworked,
    count(*) FILTER (
        WHERE due AND (still_open OR status = 'CLOSED') AND extended
    ) AS extended
FROM seen
GROUP BY key
ORDER BY key
