-- Whether it is this transaction's turn to publish in a district; held until its end.
SELECT pg_try_advisory_xact_lock(hashtext('publish:' || %(district)s)) AS mine
