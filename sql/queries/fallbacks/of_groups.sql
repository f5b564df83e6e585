-- Reads the groups that name models which stand in for others.
-- params: none
-- returns: name text, fallback_models json
SELECT name, fallback_models
FROM provider_groups
WHERE fallback_models IS NOT NULL
ORDER BY name
