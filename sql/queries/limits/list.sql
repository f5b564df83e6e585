-- Reads the limits of keys, users, groups, tags and providers: of everybody, of one kind of owner, or
-- of one owner by id or name.
-- params: $1 owner text?, $2 id int?, $3 name text?
-- returns: owner text, id int, name text, user_id int,
--   limit_rpm int?, limit_tpm int?, limit_concurrent_sessions int?,
--   limit_concurrent_requests int?, limit_5h int?, limit_daily int?, limit_weekly int?,
--   limit_monthly int?, limit_total int?, five_hour_reset_mode text, daily_reset_mode text,
--   daily_reset_minute int
SELECT l.owner, l.id, l.name, l.user_id,
       l.limit_rpm, l.limit_tpm, l.limit_concurrent_sessions, l.limit_concurrent_requests,
       l.limit_5h, l.limit_daily, l.limit_weekly, l.limit_monthly, l.limit_total,
       l.five_hour_reset_mode, l.daily_reset_mode, l.daily_reset_minute
FROM (
    SELECT 'key' AS owner, id AS id, name AS name, user_id AS user_id,
           limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
           limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
           daily_reset_mode, daily_reset_minute
    FROM user_keys
    WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'user' AS owner, id AS id, name AS name, id AS user_id,
           limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
           limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
           daily_reset_mode, daily_reset_minute
    FROM users
    WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'group' AS owner, 0 AS id, name AS name, 0 AS user_id,
           limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
           limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
           daily_reset_mode, daily_reset_minute
    FROM provider_groups
    UNION ALL
    SELECT 'tag' AS owner, 0 AS id, name AS name, 0 AS user_id,
           limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
           limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
           daily_reset_mode, daily_reset_minute
    FROM tag_limits
    UNION ALL
    SELECT 'provider' AS owner, id AS id, name AS name, 0 AS user_id,
           limit_rpm, limit_tpm, limit_concurrent_sessions, limit_concurrent_requests, limit_5h,
           limit_daily, limit_weekly, limit_monthly, limit_total, five_hour_reset_mode,
           daily_reset_mode, daily_reset_minute
    FROM providers
    WHERE deleted_at IS NULL
) AS l
WHERE ($1 IS NULL OR l.owner = $1) AND ($2 IS NULL OR l.id = $2) AND ($3 IS NULL OR l.name = $3)
ORDER BY l.owner, l.id, l.name
