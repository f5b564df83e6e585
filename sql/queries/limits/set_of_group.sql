-- Sets all limits of a group; NULL is none. A group that has no row gets one without a
-- factor: what its requests cost stays as it is.
-- params: $1 name text, $2 limit_rpm int?, $3 limit_tpm int?, $4 limit_concurrent_sessions int?,
--   $5 limit_concurrent_requests int?, $6 limit_5h int?, $7 limit_daily int?,
--   $8 limit_weekly int?, $9 limit_monthly int?, $10 limit_total int?,
--   $11 five_hour_reset_mode text, $12 daily_reset_mode text, $13 daily_reset_minute int,
--   $14 now int
-- returns: none
-- idempotent
INSERT INTO provider_groups
    (name, cost_multiplier, limit_rpm, limit_tpm, limit_concurrent_sessions,
    limit_concurrent_requests, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
    five_hour_reset_mode, daily_reset_mode, daily_reset_minute, created_at, updated_at)
VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
ON CONFLICT (name) DO UPDATE
SET limit_rpm = $2, limit_tpm = $3, limit_concurrent_sessions = $4,
    limit_concurrent_requests = $5, limit_5h = $6, limit_daily = $7, limit_weekly = $8,
    limit_monthly = $9, limit_total = $10, five_hour_reset_mode = $11, daily_reset_mode = $12,
    daily_reset_minute = $13, updated_at = $14
