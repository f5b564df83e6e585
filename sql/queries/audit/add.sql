-- Notes what somebody did.
-- params: $1 at int, $2 actor_kind text, $3 actor_id int?, $4 actor_name text, $5 action text,
--   $6 target_kind text, $7 target_id int?, $8 target_name text?, $9 success int,
--   $10 detail json, $11 client_ip text?, $12 user_agent text?
-- returns: none
INSERT INTO audit_log
    (at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, success,
     detail, client_ip, user_agent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
