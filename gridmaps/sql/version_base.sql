SELECT md5(count(*) || ' ' || coalesce(sum(hashtextextended(
    concat_ws(' ', f.name, f.kind, ST_AsBinary(f.geom)), f.id
)), 0)) AS version
FROM gridmaps_basefeature AS f
