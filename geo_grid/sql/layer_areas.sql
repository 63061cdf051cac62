-- Outlines of districts, towns and communities.
SELECT o.id, a.code, a.name, a.level, o.geom
FROM geo_grid_areaoutline AS o
INNER JOIN geo_grid_area AS a ON o.area_id = a.id
WHERE
    a.active
    AND (%(level)s::text [] IS NULL OR a.level = any(%(level)s))
    AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
