-- As last_of_keys.sql.
SELECT k.id AS key_id, r.started_at, p.name AS provider_name
FROM user_keys k
JOIN requests r ON r.request_id = (
    SELECT l.request_id FROM requests l WHERE l.key_id = k.id ORDER BY l.request_id DESC LIMIT 1
)
LEFT JOIN providers p ON p.id = r.provider_id
WHERE k.id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text($1) AS given (value))
  AND k.deleted_at IS NULL
ORDER BY k.id
