-- Ids and numbers for many cases: drawn one by one, because live reports draw from them, too.
SELECT nextval('incidents_incident_id_seq') AS id, nextval('incidents_number') AS number
FROM generate_series(1, %(many)s)
