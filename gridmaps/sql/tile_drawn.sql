-- A whole layer from its drawings: what is written on a feature lies beside its shape, so that the
-- planner has one table to think about. Shapes of the zoom's own band lie on its grid: those that
-- are not cut are only moved, a tenth of the work.
(
    WITH tile AS MATERIALIZED (
        SELECT
            ST_MakeEnvelope(%(left)s, %(bottom)s, %(right)s, %(top)s, 3857)::box2d AS bounds,
            ST_MakeEnvelope(
                %(left)s::float - %(margin)s::float, %(bottom)s::float - %(margin)s::float,
                %(right)s::float + %(margin)s::float, %(top)s::float + %(margin)s::float, 3857
            ) AS reach
    )

    SELECT coalesce(ST_AsMVT(t, '{layer}', 4096, 'shape', 'id'), ''::bytea)
    FROM (
        SELECT
            d.feature AS id,
            d.told,
            CASE
                WHEN %(on_grid)s::boolean AND d.shape @ (SELECT reach FROM tile)
                    THEN ST_SnapToGrid(ST_Affine(
                        d.shape, %(scale)s::float, 0, 0, -%(scale)s::float,
                        -%(left)s::float * %(scale)s::float, %(top)s::float * %(scale)s::float
                    ), 1)
                ELSE ST_AsMVTGeom(d.shape, (SELECT bounds FROM tile), 4096, 64, TRUE)
            END AS shape
        FROM gridmaps_drawing AS d
        WHERE
            d.drawn_set_id = %(drawn_set)s::bigint
            AND d.band = %(band)s::smallint
            AND d.shape && (SELECT reach FROM tile)
    ) AS t
)
