-- One file of polygons is read at a time, whoever sends it; until this transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext('import_plan')) AS mine
