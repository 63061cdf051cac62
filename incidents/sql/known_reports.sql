-- What is stored already of a source's reports. The ids come as one JSON text: for as many constants the
-- planner would read the whole table each time.
SELECT
    external_id,
    occurred_at,
    category_id,
    description,
    closed_at,
    source_lon,
    source_lat,
    ST_X(point) AS lon,
    ST_Y(point) AS lat
FROM incidents_incident
WHERE
    external_source = %(source)s
    AND external_id = any(ARRAY(SELECT json_array_elements_text(%(ids)s::json)))
    AND external_id <> ''
