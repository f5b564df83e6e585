-- Changes a user that is not deleted.
-- params: $1 id int, $2 name text, $3 name_lower text, $4 note text?, $5 role text,
--   $6 provider_group text?, $7 tags json, $8 is_enabled int, $9 expires_at int?,
--   $10 limit_rpm int?, $11 limit_concurrent_sessions int?, $12 limit_5h int?,
--   $13 limit_daily int?, $14 limit_weekly int?, $15 limit_monthly int?, $16 limit_total int?,
--   $17 daily_reset_mode text, $18 daily_reset_minute int, $19 allowed_clients json,
--   $20 allowed_models json, $21 blocked_clients json, $22 blocked_models json, $23 now int
-- returns: none
-- idempotent
UPDATE users
SET name = $2, name_lower = $3, note = $4, role = $5, provider_group = $6, tags = $7,
    is_enabled = $8, expires_at = $9, limit_rpm = $10, limit_concurrent_sessions = $11,
    limit_5h = $12, limit_daily = $13, limit_weekly = $14, limit_monthly = $15, limit_total = $16,
    daily_reset_mode = $17, daily_reset_minute = $18, allowed_clients = $19, allowed_models = $20,
    blocked_clients = $21, blocked_models = $22, updated_at = $23
WHERE id = $1 AND deleted_at IS NULL
