-- Forgets console sessions that ended before an instant.
-- params: $1 before int
-- returns: none
-- idempotent
DELETE FROM console_sessions WHERE expires_at < $1
