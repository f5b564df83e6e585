-- Finds a key and its user by the key's hash, to log in; neither is deleted.
-- params: $1 hash bytes
-- returns: id int, is_enabled int, can_login int, expires_at int?, user_id int, user_name text,
--   user_note text?, role text, user_is_enabled int, user_expires_at int?
SELECT k.id, k.is_enabled, k.can_login, k.expires_at, u.id AS user_id, u.name AS user_name,
       u.note AS user_note, u.role, u.is_enabled AS user_is_enabled,
       u.expires_at AS user_expires_at
FROM user_keys k
JOIN users u ON u.id = k.user_id
WHERE k.hash = $1 AND k.deleted_at IS NULL AND u.deleted_at IS NULL
