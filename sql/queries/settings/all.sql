-- Reads all settings.
-- params: none
-- returns: key text, value json, updated_at int
SELECT key, value, updated_at FROM settings ORDER BY key
