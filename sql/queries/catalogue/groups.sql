-- Reads the cost factor of each group, empty where none is set, and which models stand in for others
-- there.
-- params: none
-- returns: name text, cost_multiplier text, fallback_models json?
SELECT name, cost_multiplier, fallback_models FROM provider_groups ORDER BY name
