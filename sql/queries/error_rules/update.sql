-- Changes an error rule.
-- params: $1 pattern text, $2 match_type text, $3 statuses text?, $4 action text,
--   $5 category text, $6 description text?, $7 override_response json?,
--   $8 override_status_code int?, $9 is_enabled int, $10 is_default int, $11 is_edited int,
--   $12 priority int, $13 now int, $14 id int
-- returns: none
-- idempotent
UPDATE error_rules
SET pattern = $1, match_type = $2, statuses = $3, action = $4, category = $5, description = $6,
    override_response = $7, override_status_code = $8, is_enabled = $9, is_default = $10,
    is_edited = $11, priority = $12, updated_at = $13
WHERE id = $14
