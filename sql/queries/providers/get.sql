-- Reads a provider that is not deleted.
-- params: $1 id int
-- returns: id int, vendor text?, sealed_key text, key_prefix text, key_suffix text,
--   favicon_url text?, created_at int, updated_at int, name text, kind text, is_enabled int,
--   weight int, priority int, cost_multiplier text, group_tag text?, model_redirects json?,
--   allowed_models json?, custom_headers json?, preserve_client_ip int, allow_private int,
--   join_claude_pool int, codex_instructions_strategy text, mcp_passthrough_type text,
--   mcp_passthrough_url text?, cache_ttl_preference text?, context_1m_preference text?,
--   limit_concurrent_sessions int?, limit_5h int?, limit_daily int?, limit_weekly int?,
--   limit_monthly int?, daily_reset_mode text, daily_reset_minute int, tpm int?, rpm int?,
--   rpd int?, cc int?, max_retry_attempts int?, breaker_failure_threshold int,
--   breaker_open_ms int, breaker_half_open_successes int, first_byte_timeout_ms int,
--   idle_timeout_ms int, total_timeout_ms int, proxy_url text?, proxy_fallback_to_direct int,
--   website_url text?, group_priorities json?, allowed_clients json?, blocked_clients json?,
--   active_from_minute int?, active_to_minute int?, active_time_zone text?, vendor_name text?,
--   disable_session_reuse int, limit_rpm int?, limit_tpm int?, limit_concurrent_requests int?,
--   limit_total int?, five_hour_reset_mode text
SELECT p.id, v.website_domain AS vendor, p.sealed_key, p.key_prefix, p.key_suffix, p.favicon_url,
       p.created_at, p.updated_at, p.name, p.kind, p.is_enabled, p.weight, p.priority,
       p.cost_multiplier, p.group_tag, p.model_redirects, p.allowed_models, p.custom_headers,
       p.preserve_client_ip, p.allow_private, p.join_claude_pool, p.codex_instructions_strategy,
       p.mcp_passthrough_type, p.mcp_passthrough_url, p.cache_ttl_preference,
       p.context_1m_preference, p.limit_concurrent_sessions, p.limit_5h, p.limit_daily,
       p.limit_weekly, p.limit_monthly, p.daily_reset_mode, p.daily_reset_minute, p.tpm, p.rpm,
       p.rpd, p.cc, p.max_retry_attempts, p.breaker_failure_threshold, p.breaker_open_ms,
       p.breaker_half_open_successes, p.first_byte_timeout_ms, p.idle_timeout_ms,
       p.total_timeout_ms, p.proxy_url, p.proxy_fallback_to_direct, p.website_url,
       p.group_priorities, p.allowed_clients, p.blocked_clients, p.active_from_minute,
       p.active_to_minute, p.active_time_zone, p.vendor_name, p.disable_session_reuse,
       p.limit_rpm, p.limit_tpm, p.limit_concurrent_requests, p.limit_total, p.five_hour_reset_mode
FROM providers p
LEFT JOIN vendors v ON v.id = p.vendor_id
WHERE p.id = $1 AND p.deleted_at IS NULL
