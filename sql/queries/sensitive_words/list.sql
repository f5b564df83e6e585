-- Reads all words, the newest first.
-- params: none
-- returns: id int, word text, match_type text, description text?, is_enabled int, created_at int,
--   updated_at int
SELECT id, word, match_type, description, is_enabled, created_at, updated_at
FROM sensitive_words
ORDER BY created_at DESC, id DESC
