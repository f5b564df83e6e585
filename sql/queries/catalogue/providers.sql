-- Reads all providers that are not deleted.
-- params: none
-- returns: id int, name text, vendor text?, kind text, sealed_key text, is_enabled int, weight int,
--   priority int, cost_multiplier text, group_tag text?, model_redirects json?,
--   allowed_models json?, custom_headers json?, preserve_client_ip int, allow_private int,
--   limit_concurrent_sessions int?, limit_5h int?, limit_daily int?, limit_weekly int?,
--   limit_monthly int?, limit_total int?, five_hour_reset_mode text, daily_reset_mode text,
--   daily_reset_minute int, max_retry_attempts int?, breaker_failure_threshold int,
--   breaker_open_ms int, breaker_half_open_successes int, breaker_probes int,
--   first_byte_timeout_ms int, idle_timeout_ms int, total_timeout_ms int,
--   proxy_url text?, group_priorities json?, allowed_clients json?, blocked_clients json?,
--   active_from_minute int?, active_to_minute int?, active_time_zone text?,
--   disable_session_reuse int, proxy_fallback_to_direct int, limit_rpm int?, limit_tpm int?,
--   limit_concurrent_requests int?,
--   codex_instructions_strategy text, cache_ttl_preference text?, context_1m_preference text?,
--   codex_reasoning_effort_preference text, codex_reasoning_summary_preference text,
--   codex_text_verbosity_preference text, codex_parallel_tool_calls_preference text,
--   codex_service_tier_preference text, codex_image_generation_preference text,
--   gemini_google_search_preference text, billing_header_preference text,
--   anthropic_adaptive_effort text, loss_policy text, anthropic_max_tokens int?,
--   anthropic_thinking_budget int?, anthropic_adaptive_models json?
SELECT p.id, p.name, v.website_domain AS vendor, p.kind, p.sealed_key, p.is_enabled, p.weight,
       p.priority, p.cost_multiplier, p.group_tag, p.model_redirects, p.allowed_models,
       p.custom_headers, p.preserve_client_ip, p.allow_private, p.limit_concurrent_sessions,
       p.limit_5h, p.limit_daily, p.limit_weekly, p.limit_monthly, p.limit_total,
       p.five_hour_reset_mode, p.daily_reset_mode, p.daily_reset_minute, p.max_retry_attempts,
       p.breaker_failure_threshold, p.breaker_open_ms, p.breaker_half_open_successes,
       p.breaker_probes, p.first_byte_timeout_ms, p.idle_timeout_ms, p.total_timeout_ms,
       p.proxy_url, p.group_priorities, p.allowed_clients, p.blocked_clients,
       p.active_from_minute, p.active_to_minute, p.active_time_zone,
       p.disable_session_reuse, p.proxy_fallback_to_direct, p.limit_rpm, p.limit_tpm,
       p.limit_concurrent_requests,
       p.codex_instructions_strategy, p.cache_ttl_preference, p.context_1m_preference,
       p.codex_reasoning_effort_preference, p.codex_reasoning_summary_preference,
       p.codex_text_verbosity_preference, p.codex_parallel_tool_calls_preference,
       p.codex_service_tier_preference, p.codex_image_generation_preference,
       p.gemini_google_search_preference, p.billing_header_preference,
       p.anthropic_adaptive_effort, p.loss_policy, p.anthropic_max_tokens,
       p.anthropic_thinking_budget, p.anthropic_adaptive_models
FROM providers p
LEFT JOIN vendors v ON v.id = p.vendor_id
WHERE p.deleted_at IS NULL
ORDER BY p.id
