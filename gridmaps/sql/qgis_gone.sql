-- The views and their schema, not the role: it may be used elsewhere in the cluster.
DROP SCHEMA IF EXISTS qgis CASCADE
