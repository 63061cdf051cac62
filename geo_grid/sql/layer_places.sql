-- Named places of the gazetteer.
SELECT p.id, p.id::text AS code, p.name, p.source, p.point AS geom
FROM geo_grid_place AS p
