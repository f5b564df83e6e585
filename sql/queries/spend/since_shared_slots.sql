-- Adds up money in slots that begin after a reset of a group or tag and before the next one, by reset
-- and key: who is in a group and who bears a tag is not asked here. None was reset before the slot.
-- Each figure is read once, however many resets there are: CROSS JOIN tells SQLite the order.
-- params: $1 first int
-- returns: at int, key_id int, cost int, list_cost int
WITH slots AS MATERIALIZED (
    SELECT d.slot, c.at
    FROM (
        SELECT r.at, LEAD(r.at, 1, 9223372036854775807) OVER (ORDER BY r.at) AS next_at
        FROM (
            SELECT g.costs_count_from AS at FROM provider_groups g WHERE g.costs_count_from >= 0
            UNION
            SELECT t.costs_count_from AS at FROM tag_limits t WHERE t.costs_count_from >= 0
        ) AS r
    ) AS c
    CROSS JOIN dirty_slots d
    WHERE d.slot >= c.at AND d.slot < c.next_at
)
SELECT s.at, f.key_id, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.list_cost) AS BIGINT) AS list_cost
FROM figures f
CROSS JOIN slots s
WHERE f.slot >= $1 AND s.slot = f.slot
GROUP BY s.at, f.key_id
