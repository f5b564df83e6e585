-- Takes an address away.
-- params: $1 id int
-- returns: none
DELETE FROM provider_endpoints WHERE id = $1
