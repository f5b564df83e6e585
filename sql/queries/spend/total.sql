-- Adds up all money ever, by user and key.
-- params: none
-- returns: user_id int, key_id int, requests int, cost int
SELECT f.user_id, f.key_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
GROUP BY f.user_id, f.key_id
ORDER BY f.user_id, f.key_id
