-- Adds up money of requests that came before a reset of a group or tag, or in the slot of it, and ended
-- after it: by reset, minute, user, key and provider. No slot that reaches further back than $1 is
-- looked at. Written as CROSS JOIN, which tells SQLite the order: resets, slots, rows.
-- params: $1 reach int
-- returns: at int, minute int, user_id int, key_id int, provider_id int, cost int, list_cost int
SELECT c.at, r.started_at / 60000000 AS minute, r.user_id, r.key_id,
       COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
       CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
FROM (
    SELECT g.costs_count_from AS at FROM provider_groups g WHERE g.costs_count_from >= 0
    UNION
    SELECT t.costs_count_from AS at FROM tag_limits t WHERE t.costs_count_from >= 0
) AS c
CROSS JOIN dirty_slots d
CROSS JOIN requests r
WHERE d.slot < c.at AND d.slot > c.at - $1
  AND r.request_id >= d.from_id AND r.request_id < d.to_id
  AND r.ended_at >= c.at AND r.cost IS NOT NULL
GROUP BY c.at, r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
