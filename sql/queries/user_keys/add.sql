-- Adds a key.
-- params: $1 user_id int, $2 name text, $3 name_lower text, $4 is_enabled int, $5 can_login int,
--   $6 expires_at int?, $7 provider_group text?, $8 limit_concurrent_sessions int?,
--   $9 limit_5h int?, $10 limit_daily int?, $11 limit_weekly int?, $12 limit_monthly int?,
--   $13 limit_total int?, $14 daily_reset_mode text, $15 daily_reset_minute int,
--   $16 cache_ttl_preference text?, $17 loss_policy text, $18 hash bytes, $19 prefix text,
--   $20 suffix text, $21 sealed_key text?, $22 now int
-- returns: id int
INSERT INTO user_keys
    (user_id, name, name_lower, is_enabled, can_login, expires_at, provider_group,
     limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
     daily_reset_mode, daily_reset_minute, cache_ttl_preference, loss_policy, hash, prefix, suffix,
     sealed_key, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $22)
RETURNING id
