-- How departments met the calls of a period, [since, until): by the time of the call.
-- A call that was cancelled within it or before its end was none.
SELECT
    d.department_id,
    count(*) AS called,
    count(*) FILTER (WHERE NOT d.agrees AND d.answered_at < %(until)s) AS call_refused,
    count(*) FILTER (WHERE d.arrived_at < %(until)s) AS call_arrived,
    count(*) FILTER (WHERE d.scored_at < %(until)s) AS scored,
    coalesce(sum(d.score) FILTER (WHERE d.scored_at < %(until)s), 0) AS score_sum
FROM incidents_called AS d
INNER JOIN incidents_callout AS c ON d.callout_id = c.id
INNER JOIN incidents_incident AS i ON c.incident_id = i.id
WHERE
    c.called_at >= %(since)s AND c.called_at < %(until)s
    AND (c.cancelled_at IS NULL OR c.cancelled_at >= %(until)s)
    AND NOT i.legacy
    AND (
        %(everything)s
        OR i.district = ANY(%(districts)s)
        OR i.community_id = ANY(%(communities)s)
        OR i.cell_id = ANY(%(cells)s)
        OR d.department_id = ANY(%(departments)s)
        OR i.id IN (
            SELECT p.incident_id FROM incidents_part AS p WHERE p.department_id = ANY(%(departments)s)
        )
    )
    AND (%(category_ids)s::bigint [] IS NULL OR i.category_id = ANY(%(category_ids)s))
    AND (%(community_ids)s::bigint [] IS NULL OR i.community_id = ANY(%(community_ids)s))
GROUP BY d.department_id
