-- Reads one request filter.
-- params: $1 id int
-- returns: id int, name text, description text?, scope text, action text, match_type text?, target text,
--   replacement json?, priority int, is_enabled int, binding_type text, provider_ids json,
--   group_tags json, rule_mode text, execution_phase text, operations json?, created_at int,
--   updated_at int
SELECT id, name, description, scope, action, match_type, target, replacement, priority, is_enabled,
       binding_type, provider_ids, group_tags, rule_mode, execution_phase, operations, created_at,
       updated_at
FROM request_filters
WHERE id = $1
