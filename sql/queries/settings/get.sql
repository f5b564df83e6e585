-- Reads one setting.
-- params: $1 key text
-- returns: value json, updated_at int
SELECT value, updated_at FROM settings WHERE key = $1
