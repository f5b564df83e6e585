-- Adds a request filter.
-- params: $1 name text, $2 description text?, $3 scope text, $4 action text, $5 match_type text?,
--   $6 target text, $7 replacement json?, $8 priority int, $9 is_enabled int, $10 binding_type text,
--   $11 provider_ids json, $12 group_tags json, $13 rule_mode text, $14 execution_phase text,
--   $15 operations json?, $16 now int
-- returns: id int
INSERT INTO request_filters
    (name, description, scope, action, match_type, target, replacement, priority, is_enabled,
     binding_type, provider_ids, group_tags, rule_mode, execution_phase, operations, created_at,
     updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
RETURNING id
