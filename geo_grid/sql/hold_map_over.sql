-- As hold_map.sql, but until let_map_go.sql or the end of the connection.
SELECT pg_advisory_lock_shared(72::bigint << 48)
