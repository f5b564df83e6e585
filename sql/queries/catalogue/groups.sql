-- Reads what is set for each group: its cost factor, empty where none is set, which models stand in
-- for others there, and its limits.
-- params: none
-- returns: name text, cost_multiplier text, fallback_models json?,
--   limit_rpm int?, limit_tpm int?, limit_concurrent_sessions int?,
--   limit_concurrent_requests int?, limit_5h int?, limit_daily int?, limit_weekly int?,
--   limit_monthly int?, limit_total int?, five_hour_reset_mode text, daily_reset_mode text,
--   daily_reset_minute int
SELECT name, cost_multiplier, fallback_models,
       limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
       limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
       daily_reset_mode, daily_reset_minute
FROM provider_groups
ORDER BY name
