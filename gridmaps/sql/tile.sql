-- One layer of a tile: what is in it or in the buffer around it, cut to the buffer.
(
    SELECT coalesce(ST_AsMVT(t, '{layer}', 4096, 'shape', 'id'), ''::bytea)
    FROM (
        SELECT
            f.id,
            {columns},
            ST_AsMVTGeom(
                ST_Transform(f.geom, 3857),
                ST_MakeEnvelope(%(left)s, %(bottom)s, %(right)s, %(top)s, 3857), 4096, 64, TRUE
            ) AS shape
        FROM ({source}) AS f
        WHERE
            f.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
            AND (%(ids)s::text [] IS NULL OR f.{key}::text = any(%(ids)s))
    ) AS t
)
