-- Adds up the rows of a slot, by user, key, provider, model and group.
-- params: $1 from_id bytes, $2 to_id bytes
-- returns: user_id int, key_id int, provider_id int, model text, group_name text, requests int,
--   errors int, unmetered int, unpriced int, input_tokens int, output_tokens int,
--   reasoning_tokens int, cache_write_5m_tokens int, cache_write_1h_tokens int,
--   cache_read_tokens int, image_input_tokens int, image_output_tokens int, cost int,
--   list_cost int, duration_ms int, faults int
SELECT r.user_id, r.key_id, COALESCE(r.provider_id, 0) AS provider_id,
       COALESCE(r.model, '') AS model, COALESCE(r.group_name, '') AS group_name,
       COUNT(*) AS requests,
       CAST(SUM(CASE WHEN r.status >= 400 THEN 1 ELSE 0 END) AS BIGINT) AS errors,
       CAST(SUM(CASE WHEN r.unbilled = 'unmetered' THEN 1 ELSE 0 END) AS BIGINT) AS unmetered,
       CAST(SUM(CASE WHEN r.unbilled = 'unpriced' THEN 1 ELSE 0 END) AS BIGINT) AS unpriced,
       CAST(COALESCE(SUM(r.input_tokens), 0) AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(r.output_tokens), 0) AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(r.reasoning_tokens), 0) AS BIGINT) AS reasoning_tokens,
       CAST(COALESCE(SUM(r.cache_write_5m_tokens), 0) AS BIGINT) AS cache_write_5m_tokens,
       CAST(COALESCE(SUM(r.cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_1h_tokens,
       CAST(COALESCE(SUM(r.cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens,
       CAST(COALESCE(SUM(r.image_input_tokens), 0) AS BIGINT) AS image_input_tokens,
       CAST(COALESCE(SUM(r.image_output_tokens), 0) AS BIGINT) AS image_output_tokens,
       CAST(COALESCE(SUM(r.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(r.list_cost), 0) AS BIGINT) AS list_cost,
       CAST(COALESCE(SUM(r.duration_ms), 0) AS BIGINT) AS duration_ms,
       CAST(SUM(CASE WHEN r.outcome IN ('no_provider', 'truncated', 'interrupted', 'internal')
                     OR (r.outcome = 'upstream_error' AND r.status <> 404)
                THEN 1 ELSE 0 END) AS BIGINT) AS faults
FROM requests r
WHERE r.request_id >= $1 AND r.request_id < $2
GROUP BY r.user_id, r.key_id, COALESCE(r.provider_id, 0), COALESCE(r.model, ''),
         COALESCE(r.group_name, '')
