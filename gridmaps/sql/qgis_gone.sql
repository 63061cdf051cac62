-- The views of a district and their schema, not the role: it may be used elsewhere in the cluster.
-- The schema `qgis` is the one that an earlier version had for all districts together.
DROP SCHEMA IF EXISTS {schema} CASCADE;
DROP SCHEMA IF EXISTS qgis CASCADE
