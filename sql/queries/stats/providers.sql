-- Adds up requests, errors and money since a slot, by provider.
-- params: $1 since int
-- returns: provider_id int, requests int, errors int, cost int
SELECT f.provider_id, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.errors) AS BIGINT) AS errors, CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $1 AND f.provider_id <> 0
GROUP BY f.provider_id
ORDER BY f.provider_id
