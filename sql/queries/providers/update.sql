-- Changes a provider that is not deleted.
-- params: $1 name_lower text, $2 vendor_id int?, $3 sealed_key text, $4 key_prefix text,
--   $5 key_suffix text, $6 favicon_url text?, $7 updated_at int, $8 name text, $9 kind text,
--   $10 is_enabled int, $11 weight int, $12 priority int, $13 cost_multiplier text,
--   $14 group_tag text?, $15 model_redirects json?, $16 allowed_models json?,
--   $17 custom_headers json?, $18 preserve_client_ip int, $19 allow_private int,
--   $20 join_claude_pool int, $21 codex_instructions_strategy text,
--   $22 mcp_passthrough_type text, $23 mcp_passthrough_url text?, $24 cache_ttl_preference text?,
--   $25 context_1m_preference text?, $26 limit_concurrent_sessions int?, $27 limit_5h int?,
--   $28 limit_daily int?, $29 limit_weekly int?, $30 limit_monthly int?,
--   $31 daily_reset_mode text, $32 daily_reset_minute int, $33 tpm int?, $34 rpm int?,
--   $35 rpd int?, $36 cc int?, $37 max_retry_attempts int?, $38 breaker_failure_threshold int,
--   $39 breaker_open_ms int, $40 breaker_half_open_successes int, $41 first_byte_timeout_ms int,
--   $42 idle_timeout_ms int, $43 total_timeout_ms int, $44 proxy_url text?,
--   $45 proxy_fallback_to_direct int, $46 website_url text?, $47 group_priorities json?, $48 allowed_clients json?,
--   $49 blocked_clients json?, $50 active_from_minute int?, $51 active_to_minute int?,
--   $52 active_time_zone text?, $53 vendor_name text?, $54 id int
-- returns: none
UPDATE providers
SET name_lower = $1, vendor_id = $2, sealed_key = $3, key_prefix = $4, key_suffix = $5,
    favicon_url = $6, updated_at = $7, name = $8, kind = $9, is_enabled = $10, weight = $11,
    priority = $12, cost_multiplier = $13, group_tag = $14, model_redirects = $15,
    allowed_models = $16, custom_headers = $17, preserve_client_ip = $18, allow_private = $19,
    join_claude_pool = $20, codex_instructions_strategy = $21, mcp_passthrough_type = $22,
    mcp_passthrough_url = $23, cache_ttl_preference = $24, context_1m_preference = $25,
    limit_concurrent_sessions = $26, limit_5h = $27, limit_daily = $28, limit_weekly = $29,
    limit_monthly = $30, daily_reset_mode = $31, daily_reset_minute = $32, tpm = $33, rpm = $34,
    rpd = $35, cc = $36, max_retry_attempts = $37, breaker_failure_threshold = $38,
    breaker_open_ms = $39, breaker_half_open_successes = $40, first_byte_timeout_ms = $41,
    idle_timeout_ms = $42, total_timeout_ms = $43, proxy_url = $44,
    proxy_fallback_to_direct = $45, website_url = $46,
    group_priorities = $47, allowed_clients = $48, blocked_clients = $49,
    active_from_minute = $50, active_to_minute = $51, active_time_zone = $52, vendor_name = $53
WHERE id = $54 AND deleted_at IS NULL
