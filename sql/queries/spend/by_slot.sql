-- Adds up money and requests since a slot, by slot, user, key and provider.
-- params: $1 since int
-- returns: slot int, user_id int, key_id int, provider_id int, requests int, cost int,
--   list_cost int
SELECT f.slot, f.user_id, f.key_id, f.provider_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost, CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
WHERE f.slot >= $1
GROUP BY f.slot, f.user_id, f.key_id, f.provider_id
ORDER BY f.slot, f.user_id, f.key_id, f.provider_id
