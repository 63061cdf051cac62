-- The id above which another transaction may still add events; NULL where nobody writes.
SELECT min((classid::bigint << 32) + objid::bigint - (71::bigint << 48)) AS id
FROM pg_locks
WHERE
    locktype = 'advisory'
    AND objsubid = 1
    AND (classid::bigint >> 16) = 71
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid <> pg_backend_pid()
