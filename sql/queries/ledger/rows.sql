-- Reads requests by a list of their ids in hexadecimal, newest first.
-- params: $1 ids json
-- returns: request_id bytes, started_at int, ended_at int, user_id int, key_id int,
--   session_id text?, dialect text, operation text, path text, model text?, is_stream int,
--   estimate int, client_ip text?, user_agent text?, outcome text, status int,
--   sent_status int?, provider_id int?, group_name text?, upstream_model text?,
--   response_model text?, input_tokens int?, output_tokens int?, reasoning_tokens int?,
--   cache_write_5m_tokens int?, cache_write_1h_tokens int?, cache_read_tokens int?,
--   image_input_tokens int?, image_output_tokens int?, is_usage_complete int, cost int?,
--   list_cost int?, provider_factor text?, group_factor text?, price_id int?,
--   unbilled text?, first_byte_ms int?, first_content_ms int?, duration_ms int, retries int,
--   chain json, edits json, notes json, error text?, refusal json?, catalogue int,
--   messages int?, service_tier text?, billed_model text?, user_name text?, key_name text?,
--   provider_name text?, losses json
SELECT r.request_id, r.started_at, r.ended_at, r.user_id, r.key_id, r.session_id, r.dialect,
       r.operation, r.path, r.model, r.is_stream, r.estimate, r.client_ip, r.user_agent, r.outcome,
       r.status, r.sent_status, r.provider_id, r.group_name, r.upstream_model, r.response_model,
       r.input_tokens, r.output_tokens, r.reasoning_tokens, r.cache_write_5m_tokens,
       r.cache_write_1h_tokens, r.cache_read_tokens, r.image_input_tokens, r.image_output_tokens,
       r.is_usage_complete, r.cost, r.list_cost, r.provider_factor, r.group_factor, r.price_id,
       r.unbilled, r.first_byte_ms, r.first_content_ms, r.duration_ms, r.retries, r.chain, r.edits,
       r.notes, r.error, r.refusal, r.catalogue, r.messages, r.service_tier, r.billed_model,
       u.name AS user_name, k.name AS key_name, p.name AS provider_name, r.losses
FROM json_each($1) wanted
JOIN requests r ON r.request_id = unhex(wanted.value)
LEFT JOIN users u ON u.id = r.user_id
LEFT JOIN user_keys k ON k.id = r.key_id
LEFT JOIN providers p ON p.id = r.provider_id
ORDER BY r.request_id DESC
