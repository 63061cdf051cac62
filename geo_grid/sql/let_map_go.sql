SELECT pg_advisory_unlock_shared(72::bigint << 48)
