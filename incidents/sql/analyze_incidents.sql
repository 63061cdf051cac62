-- After the first rows of a load: on a table believed empty PostgreSQL checks each event's foreign key
-- through any index that holds the id, also one that has to be walked from end to end.
ANALYZE incidents_incident
