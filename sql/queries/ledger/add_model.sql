-- Notes that a provider was asked for a model.
-- params: $1 model text
-- returns: none
-- idempotent
INSERT INTO asked_models (model) VALUES ($1) ON CONFLICT (model) DO NOTHING
