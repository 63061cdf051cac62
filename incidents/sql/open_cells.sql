-- Every cell in which something is open.
SELECT DISTINCT i.cell_id
FROM incidents_incident AS i
WHERE i.cell_id IS NOT NULL AND i.status = any(%(open)s)
