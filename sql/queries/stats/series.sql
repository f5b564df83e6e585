-- Adds up everything between two slots, of a user when one is given, by step from the first slot.
-- params: $1 from int, $2 to int, $3 step int, $4 user_id int?
-- returns: step int, requests int, errors int, faults int, unmetered int, unpriced int,
--   cost int, input_tokens int, output_tokens int, cache_write_tokens int, cache_read_tokens int
SELECT (f.slot - $1) / $3 AS step, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.errors) AS BIGINT) AS errors, CAST(SUM(f.faults) AS BIGINT) AS faults,
       CAST(SUM(f.unmetered) AS BIGINT) AS unmetered,
       CAST(SUM(f.unpriced) AS BIGINT) AS unpriced, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.input_tokens) + SUM(f.image_input_tokens) AS BIGINT) AS input_tokens,
       CAST(SUM(f.output_tokens) + SUM(f.image_output_tokens) AS BIGINT) AS output_tokens,
       CAST(SUM(f.cache_write_5m_tokens) + SUM(f.cache_write_1h_tokens) AS BIGINT)
           AS cache_write_tokens,
       CAST(SUM(f.cache_read_tokens) AS BIGINT) AS cache_read_tokens
FROM figures f
WHERE f.slot >= $1 AND f.slot < $2 AND ($4 IS NULL OR f.user_id = $4)
GROUP BY (f.slot - $1) / $3
ORDER BY (f.slot - $1) / $3
