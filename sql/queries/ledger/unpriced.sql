-- Lists requests with usage whose model had no price, in the order of their ids.
-- params: $1 after bytes, $2 before bytes, $3 model text?, $4 limit int
-- returns: request_id bytes, started_at int, ended_at int, user_id int, key_id int,
--   provider_id int?, model text?, upstream_model text?, input_tokens int?, output_tokens int?, reasoning_tokens int?,
--   cache_write_5m_tokens int?, cache_write_1h_tokens int?, cache_read_tokens int?,
--   image_input_tokens int?, image_output_tokens int?, provider_factor text?,
--   group_factor text?, service_tier text?, billed_model text?
SELECT r.request_id, r.started_at, r.ended_at, r.user_id, r.key_id, r.provider_id, r.model,
       r.upstream_model, r.input_tokens, r.output_tokens, r.reasoning_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens,
       r.cache_read_tokens, r.image_input_tokens, r.image_output_tokens, r.provider_factor,
       r.group_factor, r.service_tier, r.billed_model
FROM requests r
WHERE r.unbilled = 'unpriced'
  AND r.cost IS NULL
  AND r.input_tokens IS NOT NULL
  AND r.request_id > $1
  AND r.request_id < $2
  AND ($3 IS NULL OR r.model = $3 OR r.upstream_model = $3)
ORDER BY r.request_id
LIMIT $4
