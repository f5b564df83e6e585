-- Counts requests and money of some keys since a slot, by key and model.
-- params: $1 keys json, $2 since int
-- returns: key_id int, model text, requests int, cost int
SELECT f.key_id, f.model, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $2 AND f.key_id IN (SELECT value FROM json_each($1))
GROUP BY f.key_id, f.model
ORDER BY f.key_id, f.model
