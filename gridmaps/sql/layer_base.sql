-- Things of the base map that belong to nobody: rivers.
SELECT f.id, f.id::text AS code, f.name, f.kind, f.geom
FROM gridmaps_basefeature AS f
WHERE f.layer = %(layer)s
