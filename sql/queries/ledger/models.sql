-- Lists the models that a provider was asked for, as many as a list can show.
-- params: none
-- returns: model text
SELECT model FROM asked_models ORDER BY model LIMIT 2000
