-- Reads one word.
-- params: $1 id int
-- returns: id int, word text, match_type text, description text?, is_enabled int, created_at int,
--   updated_at int
SELECT id, word, match_type, description, is_enabled, created_at, updated_at
FROM sensitive_words
WHERE id = $1
