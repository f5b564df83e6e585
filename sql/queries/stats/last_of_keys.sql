-- Finds the last request of each of some keys that are not deleted.
-- params: $1 keys json
-- returns: key_id int, started_at int, provider_name text?
SELECT k.id AS key_id, r.started_at, p.name AS provider_name
FROM user_keys k
JOIN requests r ON r.request_id = (
    SELECT l.request_id FROM requests l WHERE l.key_id = k.id ORDER BY l.request_id DESC LIMIT 1
)
LEFT JOIN providers p ON p.id = r.provider_id
WHERE k.id IN (SELECT value FROM json_each($1)) AND k.deleted_at IS NULL
ORDER BY k.id
