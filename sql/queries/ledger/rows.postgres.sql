-- Reads requests by a list of their ids in hexadecimal, newest first.
SELECT r.request_id, r.started_at, r.ended_at, r.user_id, r.key_id, r.session_id, r.dialect,
       r.operation, r.path, r.model, r.is_stream, r.estimate, r.client_ip, r.user_agent, r.outcome,
       r.status, r.sent_status, r.provider_id, r.group_name, r.upstream_model, r.response_model,
       r.input_tokens, r.output_tokens, r.reasoning_tokens, r.cache_write_5m_tokens,
       r.cache_write_1h_tokens, r.cache_read_tokens, r.image_input_tokens, r.image_output_tokens,
       r.is_usage_complete, r.cost, r.list_cost, r.provider_factor, r.group_factor, r.price_id,
       r.unbilled, r.first_byte_ms, r.first_content_ms, r.duration_ms, r.retries, r.chain, r.edits,
       r.notes, r.error, r.refusal, r.catalogue, r.messages, r.service_tier, r.billed_model,
       u.name AS user_name, k.name AS key_name, p.name AS provider_name, r.losses
FROM jsonb_array_elements_text($1) AS wanted (id)
JOIN requests r ON r.request_id = decode(wanted.id, 'hex')
LEFT JOIN users u ON u.id = r.user_id
LEFT JOIN user_keys k ON k.id = r.key_id
LEFT JOIN providers p ON p.id = r.provider_id
ORDER BY r.request_id DESC
