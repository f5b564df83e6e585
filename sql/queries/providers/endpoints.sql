-- Reads the addresses of a provider in their order.
-- params: $1 provider_id int
-- returns: id int, url text, is_enabled int
SELECT id, url, is_enabled FROM provider_endpoints WHERE provider_id = $1 ORDER BY position, id
