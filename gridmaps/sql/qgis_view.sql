-- One layer as everybody in the office of a district sees it, now. The parameters of its source
-- become words. The barrier keeps conditions of whoever reads it from the rows it leaves out.
DROP VIEW IF EXISTS {schema}.{view};
CREATE VIEW {schema}.{view} WITH (security_barrier) AS
SELECT
    f.id,
    {columns},
    f.geom
FROM ({source}) AS f;
COMMENT ON VIEW {schema}.{view} IS %(title)s;
GRANT SELECT ON {schema}.{view} TO "{role}";
