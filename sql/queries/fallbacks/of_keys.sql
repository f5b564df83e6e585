-- Reads the keys that name models which stand in for others.
-- params: none
-- returns: id int, name text, user_id int, user_name text, fallback_models json
SELECT k.id, k.name, k.user_id, u.name AS user_name, k.fallback_models
FROM user_keys k
JOIN users u ON u.id = k.user_id
WHERE k.fallback_models IS NOT NULL AND k.deleted_at IS NULL AND u.deleted_at IS NULL
ORDER BY k.id
