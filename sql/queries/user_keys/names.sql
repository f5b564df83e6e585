-- Names keys (a list of their ids) and their users, also those that are deleted.
-- params: $1 keys json
-- returns: key_id int, key_name text, user_name text
SELECT k.id AS key_id, k.name AS key_name, u.name AS user_name
FROM json_each($1) wanted
JOIN user_keys k ON k.id = wanted.value
JOIN users u ON u.id = k.user_id
