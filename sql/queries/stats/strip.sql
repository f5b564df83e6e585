-- Adds up what providers answered between two slots, by provider and slot.
-- params: $1 from int, $2 to int
-- returns: provider_id int, slot int, requests int, errors int
SELECT f.provider_id, f.slot, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.errors) AS BIGINT) AS errors
FROM figures f
WHERE f.slot >= $1 AND f.slot < $2 AND f.provider_id > 0
GROUP BY f.provider_id, f.slot
ORDER BY f.provider_id, f.slot
