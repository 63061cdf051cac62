-- A role that reads the views and nothing else; it is no login until it is given a password.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE "{role}" NOLOGIN NOINHERIT;
    END IF;
END
$$;
CREATE SCHEMA IF NOT EXISTS qgis;
REVOKE ALL ON SCHEMA qgis FROM PUBLIC;
GRANT USAGE ON SCHEMA qgis TO "{role}";
