-- Gives a lease back before its end.
-- params: $1 name text, $2 holder text
-- returns: none
-- idempotent
DELETE FROM leases WHERE name = $1 AND holder = $2
