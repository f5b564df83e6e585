-- Adds up money and requests since a slot, by slot, user and key.
-- params: $1 since int
-- returns: slot int, user_id int, key_id int, requests int, cost int
SELECT f.slot, f.user_id, f.key_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $1
GROUP BY f.slot, f.user_id, f.key_id
ORDER BY f.slot, f.user_id, f.key_id
