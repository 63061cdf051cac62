-- Schemas of other districts that a role reads.
SELECT nspname AS schema
FROM pg_namespace
WHERE
    nspname ~ '^qgis_[0-9]{6}$'
    AND nspname <> %(schema)s
    AND has_schema_privilege(%(role)s, oid, 'USAGE')
ORDER BY nspname
