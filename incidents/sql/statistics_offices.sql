-- What each body did in a period, [since, until), by the clocks of its parts. A stage is due when
-- its deadline falls in the period or was carried over into it. What a body passed on or sent back
-- was neither accepted nor handled by that, and is no longer to be handled there.
WITH ticking AS (
    SELECT
        p.area_id, p.department_id, c.stage, c.extension > 0 AS extended, c.level,
        c.started_at >= %(since)s AS begun,
        c.stopped_at IS NULL OR c.stopped_at >= %(until)s AS running,
        c.stopped_at <= c.due_at AS in_time,
        c.stopped_at >= %(since)s AND c.stopped_at < %(until)s AS stopped,
        p.accepted_at IS NOT NULL AS taken,
        p.outcome IN ('RESOLVED', 'CLOSED', 'REFUSED') AS done,
        p.outcome IN ('DISPATCHED', 'ESCALATED', 'PLACED') AS passed,
        p.outcome = 'SENT_BACK' AS returned,
        c.due_at < %(until)s
        AND (c.due_at >= %(since)s OR c.stopped_at IS NULL OR c.stopped_at >= %(since)s) AS due,
        EXISTS (
            SELECT 1 FROM incidents_suspension AS s
            WHERE
                s.clock_id = c.id
                AND s.since < %(until)s AND (s.until IS NULL OR s.until >= %(until)s)
        ) AS suspended
    FROM incidents_clock AS c
    INNER JOIN incidents_part AS p ON c.part_id = p.id
    INNER JOIN incidents_incident AS i ON c.incident_id = i.id
    WHERE
        c.started_at < %(until)s
        AND (c.started_at >= %(since)s OR c.stopped_at IS NULL OR c.stopped_at >= %(since)s
            OR c.due_at >= %(since)s)
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
)

SELECT
    area_id, department_id,
    count(*) FILTER (WHERE stage = 'ACCEPT' AND begun) AS received,
    count(*) FILTER (WHERE stage = 'ACCEPT' AND begun AND NOT running AND taken) AS accepted,
    count(*) FILTER (
        WHERE stage = 'ACCEPT' AND begun AND NOT running AND taken AND in_time
    ) AS accepted_on_time,
    count(*) FILTER (WHERE stage = 'HANDLE' AND stopped AND passed) AS passed_on,
    count(*) FILTER (WHERE stage = 'HANDLE' AND stopped AND passed AND in_time) AS passed_on_time,
    count(*) FILTER (WHERE stopped AND returned) AS returned,
    count(*) FILTER (WHERE stage = 'HANDLE' AND due AND (running OR done)) AS due,
    count(*) FILTER (WHERE stage = 'HANDLE' AND due AND running AND suspended) AS suspended,
    count(*) FILTER (WHERE stage = 'HANDLE' AND due AND NOT running AND done) AS handled,
    count(*) FILTER (
        WHERE stage = 'HANDLE' AND due AND NOT running AND done AND in_time
    ) AS handled_on_time,
    count(*) FILTER (WHERE stage = 'HANDLE' AND due AND running AND NOT suspended) AS overdue,
    count(*) FILTER (WHERE stage = 'HANDLE' AND due AND (running OR done) AND extended) AS extended,
    count(*) FILTER (WHERE level = 4) AS yellow,
    count(*) FILTER (WHERE level = 5) AS red
FROM ticking
GROUP BY area_id, department_id
