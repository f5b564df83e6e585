-- Forgets ends of sessions before an instant.
-- params: $1 before int
-- returns: none
-- idempotent
DELETE FROM session_ends WHERE at < $1
