-- What is stored already of a source's reports.
SELECT
    external_id,
    occurred_at,
    category_id,
    description,
    source_lon,
    source_lat,
    ST_X(point) AS lon,
    ST_Y(point) AS lat
FROM incidents_incident
WHERE external_source = %(source)s AND external_id = any(%(ids)s) AND external_id <> ''
