-- Changes a request filter.
-- params: $1 id int, $2 name text, $3 description text?, $4 scope text, $5 action text,
--   $6 match_type text?, $7 target text, $8 replacement json?, $9 priority int, $10 is_enabled int,
--   $11 binding_type text, $12 provider_ids json, $13 group_tags json, $14 rule_mode text,
--   $15 execution_phase text, $16 operations json?, $17 now int
-- returns: none
-- idempotent
UPDATE request_filters
SET name = $2, description = $3, scope = $4, action = $5, match_type = $6, target = $7,
    replacement = $8, priority = $9, is_enabled = $10, binding_type = $11, provider_ids = $12,
    group_tags = $13, rule_mode = $14, execution_phase = $15, operations = $16, updated_at = $17
WHERE id = $1
