-- Reads an error rule.
-- params: $1 id int
-- returns: id int, pattern text, match_type text, statuses text?, action text, category text,
--   description text?, override_response json?, override_status_code int?, is_enabled int,
--   is_default int, is_edited int, priority int, created_at int, updated_at int
SELECT id, pattern, match_type, statuses, action, category, description, override_response,
       override_status_code, is_enabled, is_default, is_edited, priority, created_at, updated_at
FROM error_rules
WHERE id = $1
