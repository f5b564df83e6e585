-- Adds up what providers answered between two slots, by provider and slot; what their clients did
-- wrong is no fault.
-- params: $1 from int, $2 to int
-- returns: provider_id int, slot int, requests int, faults int
SELECT f.provider_id, f.slot, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.faults) AS BIGINT) AS faults
FROM figures f
WHERE f.slot >= $1 AND f.slot < $2 AND f.provider_id > 0
GROUP BY f.provider_id, f.slot
ORDER BY f.provider_id, f.slot
