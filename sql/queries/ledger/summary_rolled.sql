-- Adds up the requests of some slots, of a user, key, provider and model as far as they are given.
-- params: $1 user_id int?, $2 key_id int?, $3 provider_id int?, $4 model text?, $5 from int,
--   $6 to int
-- returns: requests int, input_tokens int, output_tokens int, reasoning_tokens int,
--   cache_write_5m_tokens int, cache_write_1h_tokens int, cache_read_tokens int,
--   image_input_tokens int, image_output_tokens int, cost int, list_cost int
SELECT CAST(COALESCE(SUM(f.requests), 0) AS BIGINT) AS requests,
       CAST(COALESCE(SUM(f.input_tokens), 0) AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(f.output_tokens), 0) AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(f.reasoning_tokens), 0) AS BIGINT) AS reasoning_tokens,
       CAST(COALESCE(SUM(f.cache_write_5m_tokens), 0) AS BIGINT) AS cache_write_5m_tokens,
       CAST(COALESCE(SUM(f.cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_1h_tokens,
       CAST(COALESCE(SUM(f.cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens,
       CAST(COALESCE(SUM(f.image_input_tokens), 0) AS BIGINT) AS image_input_tokens,
       CAST(COALESCE(SUM(f.image_output_tokens), 0) AS BIGINT) AS image_output_tokens,
       CAST(COALESCE(SUM(f.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(f.list_cost), 0) AS BIGINT) AS list_cost
FROM figures f
WHERE ($1 IS NULL OR f.user_id = $1)
  AND ($2 IS NULL OR f.key_id = $2)
  AND ($3 IS NULL OR f.provider_id = $3)
  AND ($4 IS NULL OR f.model = $4)
  AND f.slot >= $5
  AND f.slot < $6
