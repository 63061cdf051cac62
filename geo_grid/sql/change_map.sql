-- A publication waits for reports on their way, and lets later ones wait until its commit.
SELECT pg_advisory_xact_lock(72::bigint << 48)
