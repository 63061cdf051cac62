-- Where the name of an area stands: one point inside it. A name drawn from the polygon would stand
-- once in every tile.
SELECT o.id, a.code, a.name, a.level, ST_PointOnSurface(o.geom) AS geom
FROM geo_grid_areaoutline AS o
INNER JOIN geo_grid_area AS a ON o.area_id = a.id
WHERE
    a.active
    AND (%(level)s::text [] IS NULL OR a.level = any(%(level)s))
    AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
