-- Opens a console session.
-- params: $1 token_hash bytes, $2 kind text, $3 key_id int?, $4 created_at int, $5 expires_at int,
--   $6 client_ip text?, $7 user_agent text?, $8 admin_mark bytes?
-- returns: none
INSERT INTO console_sessions
    (token_hash, kind, key_id, created_at, expires_at, seen_at, client_ip, user_agent, admin_mark)
VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8)
