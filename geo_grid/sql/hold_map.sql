-- A report keeps the map as it is from locating until its commit; many may do so at once.
SELECT pg_advisory_xact_lock_shared(72::bigint << 48)
