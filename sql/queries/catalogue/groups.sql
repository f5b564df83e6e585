-- Reads the cost factor of each group.
-- params: none
-- returns: name text, cost_multiplier text
SELECT name, cost_multiplier FROM provider_groups ORDER BY name
