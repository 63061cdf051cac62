-- A whole layer from its drawings: what is written on a feature lies beside its shape, so that the
-- planner has one table to think about.
(
    SELECT coalesce(ST_AsMVT(t, '{layer}', 4096, 'shape', 'id'), ''::bytea)
    FROM (
        SELECT
            d.feature AS id,
            d.told,
            ST_AsMVTGeom(
                d.shape,
                ST_MakeEnvelope(%(left)s, %(bottom)s, %(right)s, %(top)s, 3857), 4096, 64, TRUE
            ) AS shape
        FROM gridmaps_drawing AS d
        WHERE
            d.drawn_set_id = %(drawn_set)s::bigint
            AND d.band = %(band)s::smallint
            AND d.shape && ST_MakeEnvelope(
                %(left)s::float - %(margin)s::float, %(bottom)s::float - %(margin)s::float,
                %(right)s::float + %(margin)s::float, %(top)s::float + %(margin)s::float, 3857
            )
    ) AS t
)
