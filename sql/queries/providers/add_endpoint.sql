-- Adds an address to a provider.
-- params: $1 provider_id int, $2 position int, $3 url text, $4 now int
-- returns: none
INSERT INTO provider_endpoints (provider_id, position, url, is_enabled, created_at, updated_at)
VALUES ($1, $2, $3, 1, $4, $4)
