-- One layer as everybody in the office sees it, now. The parameters of its source become words.
DROP VIEW IF EXISTS qgis.{view};
CREATE VIEW qgis.{view} AS
SELECT
    f.id,
    {columns},
    f.geom
FROM ({source}) AS f;
COMMENT ON VIEW qgis.{view} IS %(title)s;
GRANT SELECT ON qgis.{view} TO "{role}";
