-- Notes a fact about the database unless it is known already.
-- params: $1 key text, $2 value text
-- returns: none
-- idempotent
INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING
