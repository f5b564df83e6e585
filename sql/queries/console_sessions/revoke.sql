-- Ends a console session.
-- params: $1 token_hash bytes, $2 now int
-- returns: none
-- idempotent
UPDATE console_sessions SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL
