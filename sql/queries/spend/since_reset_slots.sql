-- Adds up money since the reset of who paid, in slots that begin after it, by owner; nobody was reset
-- before the slot.
-- params: $1 first int
-- returns: owner text, id int, cost int, list_cost int
SELECT 'key' AS owner, k.id AS id, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
JOIN user_keys k ON k.id = f.key_id AND f.slot >= k.costs_count_from
WHERE f.slot >= $1
GROUP BY k.id
UNION ALL
SELECT 'user' AS owner, u.id AS id, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
JOIN users u ON u.id = f.user_id AND f.slot >= u.costs_count_from
WHERE f.slot >= $1
GROUP BY u.id
UNION ALL
SELECT 'provider' AS owner, p.id AS id, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
JOIN providers p ON p.id = f.provider_id AND f.slot >= p.costs_count_from
WHERE f.slot >= $1
GROUP BY p.id
