-- Adds up money of requests that came before a reset of a group or tag, or in the slot of it, and ended
-- after it. LATERAL keeps the planner, which cannot tell how short a range of ids is, from reading
-- all rows.
SELECT c.at, s.minute, s.user_id, s.key_id, s.provider_id, s.cost, s.list_cost
FROM (
    SELECT g.costs_count_from AS at FROM provider_groups g WHERE g.costs_count_from >= 0
    UNION
    SELECT t.costs_count_from AS at FROM tag_limits t WHERE t.costs_count_from >= 0
) AS c
JOIN dirty_slots d ON d.slot < c.at AND d.slot > c.at - $1
CROSS JOIN LATERAL (
    SELECT r.started_at / 60000000 AS minute, r.user_id, r.key_id,
           COALESCE(r.provider_id, 0) AS provider_id, CAST(SUM(r.cost) AS BIGINT) AS cost,
           CAST(SUM(COALESCE(r.list_cost, 0)) AS BIGINT) AS list_cost
    FROM requests r
    WHERE r.request_id >= d.from_id AND r.request_id < d.to_id
      AND r.ended_at >= c.at AND r.cost IS NOT NULL
    GROUP BY r.started_at / 60000000, r.user_id, r.key_id, COALESCE(r.provider_id, 0)
) AS s
