-- Imported history has no payload and is not told.
SELECT id, id AS position, kind, at, payload
FROM incidents_incidentevent
WHERE id > %(position)s AND id <= %(end)s
ORDER BY id
LIMIT %(limit)s
