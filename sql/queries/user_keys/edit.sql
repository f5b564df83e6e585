-- Changes a key that is not deleted.
-- params: $1 id int, $2 name text, $3 name_lower text, $4 is_enabled int, $5 can_login int,
--   $6 expires_at int?, $7 provider_group text?, $8 limit_concurrent_sessions int?,
--   $9 limit_5h int?, $10 limit_daily int?, $11 limit_weekly int?, $12 limit_monthly int?,
--   $13 limit_total int?, $14 daily_reset_mode text, $15 daily_reset_minute int,
--   $16 cache_ttl_preference text?, $17 loss_policy text, $18 now int
-- returns: none
-- idempotent
UPDATE user_keys
SET name = $2, name_lower = $3, is_enabled = $4, can_login = $5, expires_at = $6,
    provider_group = $7, limit_concurrent_sessions = $8, limit_5h = $9, limit_daily = $10,
    limit_weekly = $11, limit_monthly = $12, limit_total = $13, daily_reset_mode = $14,
    daily_reset_minute = $15, cache_ttl_preference = $16, loss_policy = $17,
    updated_at = $18
WHERE id = $1 AND deleted_at IS NULL
