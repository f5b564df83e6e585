-- Reads a fact about the database.
-- params: $1 key text
-- returns: value text
SELECT value FROM meta WHERE key = $1
