-- Open incidents of the cells whose answerer is another one by now get that one; the oldest first,
-- at most so many at once. Those that somebody is just moving are left for the next time.
WITH answers AS (
    SELECT t.cell_id, t.user_id, t.post_id, coalesce(t.rule, '') AS rule
    FROM unnest(
        %(cells)s::bigint [], %(users)s::bigint [], %(posts)s::bigint [], %(rules)s::text []
    ) AS t (cell_id, user_id, post_id, rule)
),

behind AS (
    SELECT i.id, a.user_id, a.post_id, a.rule
    FROM incidents_incident AS i
    INNER JOIN answers AS a ON i.cell_id = a.cell_id
    WHERE
        i.status = any(%(open)s)
        AND (i.worker_id, i.worker_post_id, i.worker_rule)
        IS DISTINCT FROM (a.user_id, a.post_id, a.rule)
    ORDER BY i.id
    LIMIT %(most)s
    FOR UPDATE OF i SKIP LOCKED
)

UPDATE incidents_incident AS i
SET worker_id = b.user_id, worker_post_id = b.post_id, worker_rule = b.rule
FROM behind AS b
WHERE i.id = b.id
RETURNING i.id
