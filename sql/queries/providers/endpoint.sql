-- Reads one address of a provider that is not deleted.
-- params: $1 id int
-- returns: provider_id int, name text, url text, is_enabled int
SELECT e.provider_id, p.name, e.url, e.is_enabled
FROM provider_endpoints e
JOIN providers p ON p.id = e.provider_id
WHERE e.id = $1 AND p.deleted_at IS NULL
