-- Reads the addresses in use of all providers that are not deleted, in the order they are tried.
-- params: none
-- returns: provider_id int, id int, url text
SELECT e.provider_id, e.id, e.url
FROM provider_endpoints e
JOIN providers p ON p.id = e.provider_id
WHERE p.deleted_at IS NULL AND e.is_enabled = 1
ORDER BY e.provider_id, e.position, e.id
