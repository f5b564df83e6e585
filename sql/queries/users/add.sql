-- Adds a user.
-- params: $1 name text, $2 name_lower text, $3 note text?, $4 role text, $5 provider_group text?,
--   $6 tags json, $7 is_enabled int, $8 expires_at int?, $9 limit_rpm int?,
--   $10 limit_concurrent_sessions int?, $11 limit_5h int?, $12 limit_daily int?,
--   $13 limit_weekly int?, $14 limit_monthly int?, $15 limit_total int?,
--   $16 daily_reset_mode text, $17 daily_reset_minute int, $18 allowed_clients json,
--   $19 allowed_models json, $20 blocked_clients json, $21 blocked_models json,
--   $22 now int
-- returns: id int
INSERT INTO users
    (name, name_lower, note, role, provider_group, tags, is_enabled, expires_at, limit_rpm,
     limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
     daily_reset_mode, daily_reset_minute, allowed_clients, allowed_models, blocked_clients,
     blocked_models, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $22)
RETURNING id
