-- Adds up money of an owner's requests that came between two instants and ended at a third one or
-- later, by minute, user, key and provider.
-- params: $1 since_id bytes, $2 before_id bytes, $3 cut int, $4 user_id int?, $5 key_id int?,
--   $6 provider_id int?
-- returns: minute int, user_id int, key_id int, provider_id int, cost int, list_cost int
SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM requests r
WHERE r.request_id >= $1 AND r.request_id < $2 AND r.ended_at >= $3 AND r.cost IS NOT NULL
  AND ($4 IS NULL OR r.user_id = $4) AND ($5 IS NULL OR r.key_id = $5)
  AND ($6 IS NULL OR r.provider_id = $6)
GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
ORDER BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
