-- Adds up money and requests since a slot, by slot and provider.
-- params: $1 since int
-- returns: slot int, provider_id int, requests int, cost int
SELECT f.slot, f.provider_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $1 AND f.provider_id <> 0
GROUP BY f.slot, f.provider_id
ORDER BY f.slot, f.provider_id
