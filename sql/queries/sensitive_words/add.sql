-- Adds a word.
-- params: $1 word text, $2 match_type text, $3 description text?, $4 is_enabled int, $5 now int
-- returns: id int
INSERT INTO sensitive_words (word, match_type, description, is_enabled, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
RETURNING id
