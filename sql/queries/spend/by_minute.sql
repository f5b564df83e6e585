-- Adds up money since an instant from rows, by minute, user, key and provider.
-- params: $1 since_id bytes
-- returns: minute int, user_id int, key_id int, provider_id int, cost int, list_cost int
SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM requests r
WHERE r.request_id >= $1 AND r.cost IS NOT NULL
GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
ORDER BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
