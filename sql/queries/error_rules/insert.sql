-- Adds an error rule; nothing happens, and no row comes back, where its pattern is there already.
-- params: $1 pattern text, $2 match_type text, $3 statuses text?, $4 action text,
--   $5 category text, $6 description text?, $7 override_response json?,
--   $8 override_status_code int?, $9 is_enabled int, $10 is_default int, $11 is_edited int,
--   $12 priority int, $13 now int
-- returns: id int
INSERT INTO error_rules (
    pattern, match_type, statuses, action, category, description, override_response,
    override_status_code, is_enabled, is_default, is_edited, priority, created_at, updated_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
ON CONFLICT (pattern) DO NOTHING
RETURNING id
