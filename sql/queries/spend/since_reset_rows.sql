-- Adds up money of requests that came before the reset of who paid, or in the slot of it, and ended
-- after it: by owner, minute, user, key and provider. No slot that reaches further back than $1 is
-- looked at. Written as CROSS JOIN, which tells SQLite the order: owner, slots, rows.
-- params: $1 reach int
-- returns: owner text, id int, minute int, user_id int, key_id int, provider_id int, cost int,
--   list_cost int
SELECT 'key' AS owner, k.id AS id, r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM user_keys k
CROSS JOIN dirty_slots d
CROSS JOIN requests r
WHERE k.costs_count_from >= 0
  AND d.slot < k.costs_count_from AND d.slot > k.costs_count_from - $1
  AND r.key_id = k.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
  AND r.ended_at >= k.costs_count_from AND r.cost IS NOT NULL
GROUP BY k.id, r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
UNION ALL
SELECT 'user' AS owner, u.id AS id, r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM users u
CROSS JOIN dirty_slots d
CROSS JOIN requests r
WHERE u.costs_count_from >= 0
  AND d.slot < u.costs_count_from AND d.slot > u.costs_count_from - $1
  AND r.user_id = u.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
  AND r.ended_at >= u.costs_count_from AND r.cost IS NOT NULL
GROUP BY u.id, r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
UNION ALL
SELECT 'provider' AS owner, p.id AS id, r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM providers p
CROSS JOIN dirty_slots d
CROSS JOIN requests r
WHERE p.costs_count_from >= 0
  AND d.slot < p.costs_count_from AND d.slot > p.costs_count_from - $1
  AND r.provider_id = p.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
  AND r.ended_at >= p.costs_count_from AND r.cost IS NOT NULL
GROUP BY p.id, r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
