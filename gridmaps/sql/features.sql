-- One layer as GeoJSON features; one row more than the limit tells that there is more.
SELECT
    json_build_object(
        'type', 'Feature',
        'id', f.{key},
        'geometry', ST_AsGeoJSON(f.geom, 7)::json,
        'properties', json_build_object({pairs})
    )::text AS feature
FROM ({source}) AS f
WHERE
    (
        %(west)s::float IS NULL
        OR f.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    )
    AND (%(ids)s::text [] IS NULL OR f.{key}::text = any(%(ids)s))
LIMIT %(limit)s
