-- Notes that a console session is in use.
-- params: $1 token_hash bytes, $2 now int
-- returns: none
-- idempotent
UPDATE console_sessions SET seen_at = $2 WHERE token_hash = $1
