-- As search.sql.
SELECT id, name, note, role, provider_group, tags, is_enabled, expires_at, limit_rpm,
       limit_concurrent_sessions, limit_5h, limit_daily, limit_weekly, limit_monthly, limit_total,
       daily_reset_mode, daily_reset_minute, allowed_clients, allowed_models, created_at,
       updated_at,
       limit_tpm, limit_concurrent_requests, five_hour_reset_mode, blocked_clients,
       blocked_models
FROM users
WHERE deleted_at IS NULL AND (role > $1 OR (role = $1 AND id > $2))
  AND ($3 IS NULL
       OR name_lower LIKE $4 ESCAPE '\'
       OR note LIKE $3 ESCAPE '\'
       OR LOWER(note) LIKE $4 ESCAPE '\'
       OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(users.tags) AS tag (value)
                  WHERE tag.value LIKE $3 ESCAPE '\' OR LOWER(tag.value) LIKE $4 ESCAPE '\'))
ORDER BY role, id
LIMIT $5
