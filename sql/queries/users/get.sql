-- Reads a user that is not deleted.
-- params: $1 id int
-- returns: id int, name text, note text?, role text, provider_group text?, tags json,
--   is_enabled int, expires_at int?, limit_rpm int?, limit_concurrent_sessions int?,
--   limit_5h int?, limit_daily int?, limit_weekly int?, limit_monthly int?, limit_total int?,
--   daily_reset_mode text, daily_reset_minute int, allowed_clients json, allowed_models json,
--   created_at int, updated_at int,
--   limit_tpm int?, limit_concurrent_requests int?, five_hour_reset_mode text,
--   blocked_clients json, blocked_models json
SELECT id, name, note, role, provider_group, tags, is_enabled, expires_at, limit_rpm,
       limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
       daily_reset_mode, daily_reset_minute, allowed_clients, allowed_models, created_at,
       updated_at,
       limit_tpm, limit_concurrent_requests, five_hour_reset_mode, blocked_clients,
       blocked_models
FROM users
WHERE id = $1 AND deleted_at IS NULL
