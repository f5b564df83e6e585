-- Reads the addresses of all providers that are not deleted, in their order.
-- params: none
-- returns: provider_id int, id int, url text, is_enabled int
SELECT e.provider_id, e.id, e.url, e.is_enabled
FROM provider_endpoints e
JOIN providers p ON p.id = e.provider_id
WHERE p.deleted_at IS NULL
ORDER BY e.provider_id, e.position, e.id
