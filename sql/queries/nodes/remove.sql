-- Forgets nodes not seen since an instant, and the one that says goodbye.
-- params: $1 before int, $2 id text
-- returns: none
-- idempotent
DELETE FROM nodes WHERE seen_at < $1 OR id = $2
