-- How many incidents lie in each piece of ground: open ones, and those reported since a moment.
SELECT
    p.number,
    count(*) FILTER (WHERE f.status = any(%(open)s)) AS open,
    count(*) FILTER (WHERE f.reported_at >= %(since)s) AS year
FROM unnest(%(numbers)s::int [], %(shapes)s::bytea []) AS p (number, shape)
CROSS JOIN LATERAL (
    SELECT i.status, i.reported_at
    FROM incidents_incident AS i
    WHERE ST_Intersects(ST_GeomFromWKB(p.shape, 4326), i.point)
    OFFSET 0
) AS f
GROUP BY p.number
