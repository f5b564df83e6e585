-- Adds up the rows of a range, of a user when one is given.
-- params: $1 from_id bytes, $2 to_id bytes, $3 user_id int?
-- returns: requests int, errors int, faults int, unmetered int, unpriced int, cost int,
--   input_tokens int, output_tokens int, cache_write_tokens int, cache_read_tokens int
SELECT COUNT(*) AS requests,
       CAST(COALESCE(SUM(CASE WHEN r.status >= 400 THEN 1 ELSE 0 END), 0) AS BIGINT) AS errors,
       CAST(COALESCE(SUM(CASE WHEN r.outcome IN ('no_provider', 'truncated', 'interrupted', 'internal')
                              OR (r.outcome = 'upstream_error' AND r.status <> 404)
                         THEN 1 ELSE 0 END), 0) AS BIGINT) AS faults,
       CAST(COALESCE(SUM(CASE WHEN r.unbilled = 'unmetered' THEN 1 ELSE 0 END), 0) AS BIGINT)
           AS unmetered,
       CAST(COALESCE(SUM(CASE WHEN r.unbilled = 'unpriced' THEN 1 ELSE 0 END), 0) AS BIGINT)
           AS unpriced,
       CAST(COALESCE(SUM(r.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(r.input_tokens), 0) + COALESCE(SUM(r.image_input_tokens), 0)
           AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(r.output_tokens), 0) + COALESCE(SUM(r.image_output_tokens), 0)
           AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(r.cache_write_5m_tokens), 0)
           + COALESCE(SUM(r.cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_tokens,
       CAST(COALESCE(SUM(r.cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens
FROM requests r
WHERE r.request_id >= $1 AND r.request_id < $2 AND ($3 IS NULL OR r.user_id = $3)
