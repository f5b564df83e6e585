-- Reads the audit log backwards, from before an id, by action and target when they are given.
-- params: $1 before int, $2 action text?, $3 target_kind text?, $4 target_id int?, $5 limit int
-- returns: id int, at int, actor_kind text, actor_id int?, actor_name text, action text,
--   target_kind text, target_id int?, target_name text?, success int, detail json,
--   client_ip text?, user_agent text?
SELECT id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
       success, detail, client_ip, user_agent
FROM audit_log
WHERE id < $1
  AND ($2 IS NULL OR action = $2)
  AND ($3 IS NULL OR target_kind = $3)
  AND ($4 IS NULL OR target_id = $4)
ORDER BY id DESC
LIMIT $5
