-- A role that reads the views of a district and nothing else; it is no login until it is given a
-- password. The schema `qgis` is the one that an earlier version had for all districts together.
DROP SCHEMA IF EXISTS qgis CASCADE;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE "{role}" NOLOGIN NOINHERIT;
    END IF;
END
$$;
CREATE SCHEMA IF NOT EXISTS {schema};
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO "{role}";
