-- Counts requests and money since a slot, by key and model.
-- params: $1 since int
-- returns: key_id int, model text, requests int, cost int
SELECT f.key_id, f.model, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $1
GROUP BY f.key_id, f.model
ORDER BY f.key_id, f.model
