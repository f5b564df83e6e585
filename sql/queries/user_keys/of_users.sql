-- Reads the keys of some users that are not deleted, in the order of their making.
-- params: $1 users json
-- returns: id int, user_id int, name text, is_enabled int, can_login int, expires_at int?,
--   provider_group text?, limit_concurrent_sessions int?, limit_5h int?, limit_daily int?,
--   limit_weekly int?, limit_monthly int?, limit_total int?, daily_reset_mode text,
--   daily_reset_minute int, cache_ttl_preference text?, loss_policy text, prefix text,
--   suffix text, sealed_key text?, created_at int, updated_at int,
--   limit_rpm int?, limit_tpm int?, limit_concurrent_requests int?, five_hour_reset_mode text
SELECT id, user_id, name, is_enabled, can_login, expires_at, provider_group,
       limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
       daily_reset_mode, daily_reset_minute, cache_ttl_preference, loss_policy, prefix, suffix,
       sealed_key, created_at, updated_at,
       limit_rpm, limit_tpm, limit_concurrent_requests, five_hour_reset_mode
FROM user_keys
WHERE user_id IN (SELECT value FROM json_each($1)) AND deleted_at IS NULL
ORDER BY created_at, id
