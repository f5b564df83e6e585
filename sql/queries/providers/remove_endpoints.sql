-- Takes all addresses of a provider away.
-- params: $1 provider_id int
-- returns: none
DELETE FROM provider_endpoints WHERE provider_id = $1
