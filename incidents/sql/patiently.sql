-- This transaction computes for long between two statements.
SET LOCAL idle_in_transaction_session_timeout = '10min'
