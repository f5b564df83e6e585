-- Says which models stand in for others in a group's requests; NULL is none. A group that has no row
-- gets one without a factor: what its requests cost stays as it is.
-- params: $1 name text, $2 fallback_models json?, $3 now int
-- returns: none
-- idempotent
INSERT INTO provider_groups (name, cost_multiplier, fallback_models, created_at, updated_at)
VALUES ($1, '', $2, $3, $3)
ON CONFLICT (name) DO UPDATE SET fallback_models = $2, updated_at = $3
