-- Two processes that miss the same picture: one draws, the other waits for it.
SELECT pg_advisory_xact_lock(hashtextextended(%(layer)s || ' ' || %(version)s, 72))
