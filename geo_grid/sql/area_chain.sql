-- A community and the areas above it, nearest first.
SELECT a.code, a.name, a.level
FROM geo_grid_area AS community
LEFT JOIN geo_grid_area AS town ON community.parent_id = town.id
INNER JOIN geo_grid_area AS a ON a.id IN (community.id, town.id, town.parent_id)
WHERE community.id = %(community)s
ORDER BY length(a.code) DESC
