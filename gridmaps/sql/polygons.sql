-- What is drawn: every polygon of a layer, the coverage it belongs to, and what is written on it.
SELECT
    f.id,
    f.{coverage}::text AS coverage,
    jsonb_strip_nulls(jsonb_build_object({pairs}))::text AS told,
    ST_AsBinary(f.geom) AS geom
FROM ({source}) AS f
