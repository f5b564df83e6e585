-- Writes a finished request; one that is there already stays as it is.
-- params: $1 request_id bytes, $2 started_at int, $3 ended_at int, $4 user_id int, $5 key_id int,
--   $6 session_id text?, $7 dialect text, $8 operation text, $9 path text, $10 model text?,
--   $11 is_stream int, $12 estimate int, $13 client_ip text?, $14 user_agent text?,
--   $15 outcome text, $16 status int, $17 sent_status int?, $18 provider_id int?,
--   $19 group_name text?, $20 upstream_model text?, $21 response_model text?,
--   $22 input_tokens int?, $23 output_tokens int?, $24 reasoning_tokens int?,
--   $25 cache_write_5m_tokens int?, $26 cache_write_1h_tokens int?,
--   $27 cache_read_tokens int?, $28 image_input_tokens int?, $29 image_output_tokens int?,
--   $30 is_usage_complete int, $31 cost int?, $32 list_cost int?, $33 provider_factor text?,
--   $34 group_factor text?, $35 price_id int?, $36 unbilled text?, $37 first_byte_ms int?,
--   $38 first_content_ms int?, $39 duration_ms int, $40 duration_bucket int,
--   $41 content_bucket int?, $42 retries int, $43 chain json, $44 edits json,
--   $45 notes json, $46 error text?, $47 refusal json?, $48 catalogue int, $49 messages int?,
--   $50 service_tier text?, $51 billed_model text?, $52 losses json
-- returns: none
-- idempotent
-- together
INSERT INTO requests (
    request_id, started_at, ended_at, user_id, key_id, session_id, dialect, operation, path,
    model, is_stream, estimate, client_ip, user_agent, outcome, status, sent_status,
    provider_id, group_name, upstream_model, response_model, input_tokens, output_tokens,
    reasoning_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,
    image_input_tokens, image_output_tokens, is_usage_complete, cost, list_cost,
    provider_factor, group_factor, price_id, unbilled, first_byte_ms, first_content_ms,
    duration_ms, duration_bucket, content_bucket, retries, chain, edits, notes, error, refusal,
    catalogue, messages, service_tier, billed_model, losses
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
    $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52
)
ON CONFLICT (request_id) DO NOTHING
