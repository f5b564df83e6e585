-- Adds the vendor of a site unless it is known.
-- params: $1 website_domain text, $2 now int
-- returns: none
-- idempotent
INSERT INTO vendors (website_domain, created_at, updated_at) VALUES ($1, $2, $2)
ON CONFLICT (website_domain) DO NOTHING
