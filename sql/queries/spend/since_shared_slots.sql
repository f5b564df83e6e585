-- Adds up money since each reset of a group or tag, in slots that begin after it, by reset and key: who
-- is in a group and who bears a tag is not asked here. None was reset before the slot.
-- params: $1 first int
-- returns: at int, key_id int, cost int, list_cost int
SELECT c.at, f.key_id, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM (
    SELECT g.costs_count_from AS at FROM provider_groups g WHERE g.costs_count_from >= 0
    UNION
    SELECT t.costs_count_from AS at FROM tag_limits t WHERE t.costs_count_from >= 0
) AS c
JOIN figures f ON f.slot >= c.at
WHERE f.slot >= $1
GROUP BY c.at, f.key_id
