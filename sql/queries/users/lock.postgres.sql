-- As lock.sql, with the row held: the embedded engine has one writer anyway.
SELECT id, name, note, role, provider_group, tags, is_enabled, expires_at, limit_rpm,
       limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
       daily_reset_mode, daily_reset_minute, allowed_clients, allowed_models, created_at,
       updated_at,
       limit_tpm, limit_concurrent_requests, five_hour_reset_mode, blocked_clients,
       blocked_models
FROM users
WHERE id = $1 AND deleted_at IS NULL
FOR UPDATE
