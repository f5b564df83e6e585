-- Finds the last request since an id of each provider that is not deleted.
-- params: $1 since_id bytes
-- returns: provider_id int, started_at int, model text?
SELECT p.id AS provider_id, r.started_at, r.model
FROM providers p
JOIN requests r ON r.request_id = (
    SELECT l.request_id FROM requests l
    WHERE l.provider_id = p.id AND l.request_id >= $1
    ORDER BY l.request_id DESC LIMIT 1
)
WHERE p.deleted_at IS NULL
ORDER BY p.id
