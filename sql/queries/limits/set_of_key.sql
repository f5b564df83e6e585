-- Sets all limits of a key; NULL is none.
-- params: $1 id int, $2 limit_rpm int?, $3 limit_tpm int?, $4 limit_concurrent_sessions int?,
--   $5 limit_concurrent_requests int?, $6 limit_5h int?, $7 limit_daily int?,
--   $8 limit_weekly int?, $9 limit_monthly int?, $10 limit_total int?,
--   $11 five_hour_reset_mode text, $12 daily_reset_mode text, $13 daily_reset_minute int,
--   $14 now int
-- returns: none
-- idempotent
UPDATE user_keys
SET limit_rpm = $2, limit_tpm = $3, limit_concurrent_sessions = $4,
    limit_concurrent_requests = $5, limit_5h = $6, limit_daily = $7, limit_weekly = $8,
    limit_monthly = $9, limit_total = $10, five_hour_reset_mode = $11, daily_reset_mode = $12,
    daily_reset_minute = $13, updated_at = $14
WHERE id = $1 AND deleted_at IS NULL
