-- Changes with every outline and every name written on it.
SELECT md5(count(*) || ' ' || coalesce(sum(hashtextextended(
    concat_ws(' ', a.code, a.name, a.active, extract(epoch FROM o.rebuilt_at)), o.id
)), 0)) AS version
FROM geo_grid_areaoutline AS o
INNER JOIN geo_grid_area AS a ON o.area_id = a.id
