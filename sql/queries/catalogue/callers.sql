-- Reads all keys that are not deleted, with their users.
-- params: none
-- returns: hash bytes, key_id int, key_name text, key_prefix text, key_group text?,
--   key_is_enabled int, key_expires_at int?, can_login int, key_limit_rpm int?,
--   key_limit_tpm int?, key_limit_concurrent_requests int?,
--   key_limit_concurrent_sessions int?, key_limit_5h int?, key_limit_daily int?,
--   key_limit_weekly int?, key_limit_monthly int?, key_limit_total int?,
--   key_five_hour_reset_mode text, key_daily_reset_mode text, key_daily_reset_minute int,
--   user_id int, user_name text, role text, user_is_enabled int, user_expires_at int?,
--   user_limit_rpm int?, user_limit_tpm int?, user_limit_concurrent_requests int?, user_limit_concurrent_sessions int?, user_limit_5h int?,
--   user_limit_daily int?, user_limit_weekly int?, user_limit_monthly int?,
--   user_limit_total int?, user_five_hour_reset_mode text, user_daily_reset_mode text,
--   user_daily_reset_minute int, allowed_models json, fallback_models json?,
--   tags json, allowed_clients json, blocked_clients json, blocked_models json,
--   cache_ttl_preference text?, loss_policy text
SELECT k.hash, k.id AS key_id, k.name AS key_name, k.prefix AS key_prefix,
       k.provider_group AS key_group, k.is_enabled AS key_is_enabled,
       k.expires_at AS key_expires_at, k.can_login, k.limit_rpm AS key_limit_rpm,
       k.limit_tpm AS key_limit_tpm, k.limit_concurrent_requests AS key_limit_concurrent_requests,
       k.limit_concurrent_sessions AS key_limit_concurrent_sessions, k.limit_5h AS key_limit_5h,
       k.limit_daily AS key_limit_daily, k.limit_weekly AS key_limit_weekly,
       k.limit_monthly AS key_limit_monthly, k.limit_total AS key_limit_total,
       k.five_hour_reset_mode AS key_five_hour_reset_mode,
       k.daily_reset_mode AS key_daily_reset_mode, k.daily_reset_minute AS key_daily_reset_minute,
       u.id AS user_id, u.name AS user_name, u.role, u.is_enabled AS user_is_enabled,
       u.expires_at AS user_expires_at, u.limit_rpm AS user_limit_rpm,
       u.limit_tpm AS user_limit_tpm, u.limit_concurrent_requests AS user_limit_concurrent_requests,
       u.limit_concurrent_sessions AS user_limit_concurrent_sessions, u.limit_5h AS user_limit_5h,
       u.limit_daily AS user_limit_daily, u.limit_weekly AS user_limit_weekly,
       u.limit_monthly AS user_limit_monthly, u.limit_total AS user_limit_total,
       u.five_hour_reset_mode AS user_five_hour_reset_mode,
       u.daily_reset_mode AS user_daily_reset_mode,
       u.daily_reset_minute AS user_daily_reset_minute, u.allowed_models,
       k.fallback_models, u.tags, u.allowed_clients, u.blocked_clients, u.blocked_models,
       k.cache_ttl_preference, k.loss_policy
FROM user_keys k
JOIN users u ON u.id = k.user_id
WHERE k.deleted_at IS NULL AND u.deleted_at IS NULL
