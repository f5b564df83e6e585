-- Reads the words that are switched on.
-- params: none
-- returns: id int, word text, match_type text
SELECT id, word, match_type FROM sensitive_words WHERE is_enabled = 1 ORDER BY id
