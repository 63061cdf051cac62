-- Changes with every named place.
SELECT md5(count(*) || ' ' || coalesce(sum(hashtextextended(
    concat_ws(' ', p.name, ST_X(p.point), ST_Y(p.point)), p.id
)), 0)) AS version
FROM geo_grid_place AS p
