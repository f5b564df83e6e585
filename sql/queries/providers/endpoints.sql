-- Reads the addresses of a provider in their order.
-- params: $1 provider_id int
-- returns: url text
SELECT url FROM provider_endpoints WHERE provider_id = $1 ORDER BY position, id
