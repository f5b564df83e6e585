-- Writes one figure of a slot.
-- params: $1 slot int, $2 user_id int, $3 key_id int, $4 provider_id int, $5 model text,
--   $6 group_name text, $7 requests int, $8 errors int, $9 unmetered int, $10 unpriced int,
--   $11 input_tokens int, $12 output_tokens int, $13 reasoning_tokens int,
--   $14 cache_write_5m_tokens int, $15 cache_write_1h_tokens int, $16 cache_read_tokens int,
--   $17 image_input_tokens int, $18 image_output_tokens int, $19 cost int,
--   $20 list_cost int, $21 duration_ms int, $22 faults int
-- returns: none
INSERT INTO rollups (
    slot, user_id, key_id, provider_id, model, group_name, requests, errors, unmetered,
    unpriced, input_tokens, output_tokens, reasoning_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, cache_read_tokens, image_input_tokens, image_output_tokens, cost,
    list_cost, duration_ms, faults
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22
)
