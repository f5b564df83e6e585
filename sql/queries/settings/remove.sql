-- Takes a setting back to its default.
-- params: $1 key text
-- returns: none
-- idempotent
DELETE FROM settings WHERE key = $1
