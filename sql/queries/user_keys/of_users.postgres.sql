-- As of_users.sql.
SELECT id, user_id, name, is_enabled, can_login, expires_at, provider_group,
       limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
       daily_reset_mode, daily_reset_minute, cache_ttl_preference, loss_policy, prefix, suffix,
       sealed_key, created_at, updated_at,
       limit_rpm, limit_tpm, limit_concurrent_requests, five_hour_reset_mode
FROM user_keys
WHERE user_id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text($1) AS given (value))
  AND deleted_at IS NULL
ORDER BY created_at, id
