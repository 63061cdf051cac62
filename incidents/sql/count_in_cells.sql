-- How many incidents each cell has: open ones, and those reported since a moment.
SELECT
    i.cell_id,
    count(*) FILTER (WHERE i.status = any(%(open)s)) AS open,
    count(*) FILTER (WHERE i.reported_at >= %(since)s) AS year
FROM incidents_incident AS i
WHERE
    i.cell_id = any(%(cells)s)
    AND (i.reported_at >= %(since)s OR i.status = any(%(open)s))
GROUP BY i.cell_id
