-- Reads the limits of tags.
-- params: none
-- returns: name text,
--   limit_rpm int?, limit_tpm int?, limit_concurrent_sessions int?,
--   limit_concurrent_requests int?, limit_5h int?, limit_daily int?, limit_weekly int?,
--   limit_monthly int?, limit_total int?, five_hour_reset_mode text, daily_reset_mode text,
--   daily_reset_minute int
SELECT name,
       limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
       limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
       daily_reset_mode, daily_reset_minute
FROM tag_limits
ORDER BY name
