-- Sets a fact about the database.
-- params: $1 key text, $2 value text
-- returns: none
-- idempotent
INSERT INTO meta (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
