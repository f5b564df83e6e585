-- Finds a console session that is neither over nor revoked.
-- params: $1 token_hash bytes, $2 now int
-- returns: kind text, key_id int?, created_at int, expires_at int, seen_at int,
--   admin_mark bytes?
SELECT kind, key_id, created_at, expires_at, seen_at, admin_mark FROM console_sessions
WHERE token_hash = $1 AND expires_at > $2 AND revoked_at IS NULL
