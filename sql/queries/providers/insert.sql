-- Adds a provider; it is made when it is changed last.
-- params: $1 name_lower text, $2 vendor_id int?, $3 sealed_key text, $4 key_prefix text,
--   $5 key_suffix text, $6 favicon_url text?, $7 updated_at int, $8 name text, $9 kind text,
--   $10 is_enabled int, $11 weight int, $12 priority int, $13 cost_multiplier text,
--   $14 group_tag text?, $15 model_redirects json?, $16 allowed_models json?,
--   $17 custom_headers json?, $18 preserve_client_ip int, $19 allow_private int,
--   $20 join_claude_pool int, $21 codex_instructions_strategy text, $22 mcp_passthrough_type text,
--   $23 mcp_passthrough_url text?, $24 cache_ttl_preference text?, $25 context_1m_preference text?,
--   $26 limit_concurrent_sessions int?, $27 limit_5h int?, $28 limit_daily int?,
--   $29 limit_weekly int?, $30 limit_monthly int?, $31 daily_reset_mode text,
--   $32 daily_reset_minute int, $33 tpm int?, $34 rpm int?, $35 rpd int?, $36 cc int?,
--   $37 max_retry_attempts int?, $38 breaker_failure_threshold int, $39 breaker_open_ms int,
--   $40 breaker_half_open_successes int, $41 first_byte_timeout_ms int, $42 idle_timeout_ms int,
--   $43 total_timeout_ms int, $44 proxy_url text?, $45 proxy_fallback_to_direct int,
--   $46 website_url text?, $47 group_priorities json?, $48 allowed_clients json?,
--   $49 blocked_clients json?, $50 active_from_minute int?, $51 active_to_minute int?,
--   $52 active_time_zone text?, $53 vendor_name text?, $54 disable_session_reuse int,
--   $55 limit_rpm int?, $56 limit_tpm int?, $57 limit_concurrent_requests int?,
--   $58 limit_total int?, $59 five_hour_reset_mode text,
--   $60 codex_reasoning_effort_preference text, $61 codex_reasoning_summary_preference text,
--   $62 codex_text_verbosity_preference text, $63 codex_parallel_tool_calls_preference text,
--   $64 codex_service_tier_preference text, $65 codex_image_generation_preference text,
--   $66 gemini_google_search_preference text, $67 billing_header_preference text,
--   $68 anthropic_adaptive_effort text, $69 loss_policy text, $70 anthropic_max_tokens int?,
--   $71 anthropic_thinking_budget int?, $72 anthropic_adaptive_models json?,
--   $73 auto_cache_preference text, $74 unknown_effort_preference text
-- returns: id int
INSERT INTO providers (
    name_lower, vendor_id, sealed_key, key_prefix, key_suffix, favicon_url, updated_at, name,
    kind, is_enabled, weight, priority, cost_multiplier, group_tag, model_redirects,
    allowed_models, custom_headers, preserve_client_ip, allow_private, join_claude_pool,
    codex_instructions_strategy, mcp_passthrough_type, mcp_passthrough_url, cache_ttl_preference,
    context_1m_preference, limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly,
    limit_monthly, daily_reset_mode, daily_reset_minute, tpm, rpm, rpd, cc, max_retry_attempts,
    breaker_failure_threshold, breaker_open_ms, breaker_half_open_successes,
    first_byte_timeout_ms, idle_timeout_ms, total_timeout_ms, proxy_url, proxy_fallback_to_direct,
    website_url, group_priorities, allowed_clients, blocked_clients, active_from_minute,
    active_to_minute, active_time_zone, vendor_name, disable_session_reuse, limit_rpm, limit_tpm,
    limit_concurrent_requests, limit_total, five_hour_reset_mode,
    codex_reasoning_effort_preference, codex_reasoning_summary_preference,
    codex_text_verbosity_preference, codex_parallel_tool_calls_preference,
    codex_service_tier_preference, codex_image_generation_preference,
    gemini_google_search_preference, billing_header_preference, anthropic_adaptive_effort,
    loss_policy, anthropic_max_tokens, anthropic_thinking_budget, anthropic_adaptive_models,
    auto_cache_preference, unknown_effort_preference, created_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39,
    $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57,
    $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $7
)
RETURNING id
