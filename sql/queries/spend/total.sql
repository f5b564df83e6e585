-- Adds up all money ever, by user, key and provider.
-- params: none
-- returns: user_id int, key_id int, provider_id int, requests int, cost int, list_cost int
SELECT f.user_id, f.key_id, f.provider_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost, CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
GROUP BY f.user_id, f.key_id, f.provider_id
ORDER BY f.user_id, f.key_id, f.provider_id
