-- Adds up money of requests that came before the reset of who paid, or in the slot of it, and ended
-- after it. LATERAL keeps the planner, which cannot tell how short a range of ids is, from reading
-- all rows of an owner.
SELECT 'key' AS owner, k.id AS id, s.minute, s.user_id, s.key_id, s.provider_id, s.cost,
       s.list_cost
FROM user_keys k
JOIN dirty_slots d ON d.slot < k.costs_count_from AND d.slot > k.costs_count_from - $1
CROSS JOIN LATERAL (
    SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
           COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
           CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
    FROM requests r
    WHERE r.key_id = k.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
      AND r.ended_at >= k.costs_count_from AND r.cost IS NOT NULL
    GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
) AS s
WHERE k.costs_count_from >= 0
UNION ALL
SELECT 'user' AS owner, u.id AS id, s.minute, s.user_id, s.key_id, s.provider_id, s.cost,
       s.list_cost
FROM users u
JOIN dirty_slots d ON d.slot < u.costs_count_from AND d.slot > u.costs_count_from - $1
CROSS JOIN LATERAL (
    SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
           COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
           CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
    FROM requests r
    WHERE r.user_id = u.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
      AND r.ended_at >= u.costs_count_from AND r.cost IS NOT NULL
    GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
) AS s
WHERE u.costs_count_from >= 0
UNION ALL
SELECT 'provider' AS owner, p.id AS id, s.minute, s.user_id, s.key_id, s.provider_id, s.cost,
       s.list_cost
FROM providers p
JOIN dirty_slots d ON d.slot < p.costs_count_from AND d.slot > p.costs_count_from - $1
CROSS JOIN LATERAL (
    SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
           COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
           CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
    FROM requests r
    WHERE r.provider_id = p.id AND r.request_id >= d.from_id AND r.request_id < d.to_id
      AND r.ended_at >= p.costs_count_from AND r.cost IS NOT NULL
    GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
) AS s
WHERE p.costs_count_from >= 0
