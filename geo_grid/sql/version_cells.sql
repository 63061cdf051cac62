-- Changes with every boundary in force at a moment and every name written on it.
SELECT md5(count(*) || ' ' || coalesce(sum(hashtextextended(
    concat_ws(' ', c.code, c.name, a.code, a.name, t.code, t.name), b.id
)), 0)) AS version
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS a ON b.community_id = a.id
INNER JOIN geo_grid_area AS t ON a.parent_id = t.id
WHERE b.valid_during @> %(at)s::timestamptz
