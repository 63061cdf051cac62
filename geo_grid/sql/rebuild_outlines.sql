-- Outlines of areas from the cells now in force: never drawn a second time.
INSERT INTO geo_grid_areaoutline (area_id, geom, rebuilt_at)
SELECT
    above.id,
    ST_Multi(ST_Union(b.geom)),
    %(now)s
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_area AS community ON b.community_id = community.id
INNER JOIN geo_grid_area AS above
    ON above.code IN (community.code, left(community.code, 9), left(community.code, 6))
WHERE b.valid_during @> %(now)s::timestamptz AND left(community.code, 6) = any(%(districts)s)
GROUP BY above.id
ON CONFLICT (area_id) DO UPDATE SET geom = excluded.geom, rebuilt_at = excluded.rebuilt_at
