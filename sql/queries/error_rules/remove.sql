-- Removes an error rule.
-- params: $1 id int
-- returns: none
-- idempotent
DELETE FROM error_rules
WHERE id = $1
