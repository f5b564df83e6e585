-- Adds up money in slots that begin after a reset of a group or tag and before the next one, by reset
-- and key. LATERAL has the planner read the slots between two resets by their index, each once; a
-- join of all of them it would sort.
SELECT c.at, s.key_id, s.cost, s.list_cost
FROM (
    SELECT r.at, LEAD(r.at, 1, 9223372036854775807) OVER (ORDER BY r.at) AS next_at
    FROM (
        SELECT g.costs_count_from AS at FROM provider_groups g WHERE g.costs_count_from >= 0
        UNION
        SELECT t.costs_count_from AS at FROM tag_limits t WHERE t.costs_count_from >= 0
    ) AS r
) AS c
CROSS JOIN LATERAL (
    SELECT f.key_id, CAST(SUM(f.cost) AS BIGINT) AS cost,
           CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
    FROM figures f
    WHERE f.slot >= $1 AND f.slot >= c.at AND f.slot < c.next_at
    GROUP BY f.key_id
) AS s
