-- Ends all console sessions of a key.
-- params: $1 key_id int, $2 now int
-- returns: none
-- idempotent
UPDATE console_sessions SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL
