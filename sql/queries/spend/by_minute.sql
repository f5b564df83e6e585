-- Adds up money since an instant from rows, by minute, user and key.
-- params: $1 since_id bytes
-- returns: minute int, user_id int, key_id int, cost int
SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id, CAST(SUM(r.cost) AS BIGINT) AS cost
FROM requests r
WHERE r.request_id >= $1 AND r.cost IS NOT NULL
GROUP BY r.started_at / 60000000, r.user_id, r.key_id
ORDER BY r.started_at / 60000000, r.user_id, r.key_id
