-- Adds up everything since a slot.
-- params: $1 since int
-- returns: requests int, errors int, unmetered int, unpriced int, cost int, duration_ms int
SELECT CAST(COALESCE(SUM(f.requests), 0) AS BIGINT) AS requests,
       CAST(COALESCE(SUM(f.errors), 0) AS BIGINT) AS errors,
       CAST(COALESCE(SUM(f.unmetered), 0) AS BIGINT) AS unmetered,
       CAST(COALESCE(SUM(f.unpriced), 0) AS BIGINT) AS unpriced,
       CAST(COALESCE(SUM(f.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(f.duration_ms), 0) AS BIGINT) AS duration_ms
FROM figures f
WHERE f.slot >= $1
