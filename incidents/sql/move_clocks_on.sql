-- The clocks of one batch, which are locked, after the rules have acted on them.
UPDATE incidents_clock AS c
SET fired = t.fired, level = t.level, next_at = t.next_at
FROM unnest(
    %(ids)s::bigint [], %(fired)s::int [], %(levels)s::int [], %(next_at)s::timestamptz []
) AS t (id, fired, level, next_at)
WHERE c.id = t.id
