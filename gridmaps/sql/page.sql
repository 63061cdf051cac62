-- One page of a layer's features as GeoJSON, in the order of their keys, how many match in
-- all, and whether more follow the last.
WITH found AS (
    SELECT f.*
    FROM ({source}) AS f
    WHERE
        (
            %(west)s::float IS NULL
            OR ST_Intersects(f.geom, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326))
        )
        AND (%(ids)s::text [] IS NULL OR f.{key}::text = any(%(ids)s))
),

page AS (
    SELECT * FROM found
    WHERE %(after)s::text IS NULL OR {key} > %(after)s::text
    ORDER BY {key}
    LIMIT %(limit)s OFFSET %(offset)s
)

SELECT
    (SELECT count(*) FROM found) AS matched,
    (SELECT count(*) FROM page) AS returned,
    (SELECT max({key}) FROM page) AS last,
    EXISTS(SELECT 1 FROM found WHERE {key} > (SELECT max({key}) FROM page)) AS more,
    coalesce((
        SELECT
            json_agg(json_build_object(
                'type', 'Feature',
                'id', f.{key},
                'geometry', ST_AsGeoJSON(f.geom, 7)::json,
                'properties', json_build_object({pairs})
            ) ORDER BY f.{key})
        FROM page AS f
    ), '[]')::text AS features
