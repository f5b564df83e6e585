-- Names keys and their users, also those that are deleted.
SELECT k.id AS key_id, k.name AS key_name, u.name AS user_name
FROM jsonb_array_elements_text($1) AS wanted (value)
JOIN user_keys k ON k.id = CAST(wanted.value AS BIGINT)
JOIN users u ON u.id = k.user_id
