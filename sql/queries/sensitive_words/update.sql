-- Changes a word.
-- params: $1 id int, $2 word text, $3 match_type text, $4 description text?, $5 is_enabled int,
--   $6 now int
-- returns: none
-- idempotent
UPDATE sensitive_words
SET word = $2, match_type = $3, description = $4, is_enabled = $5, updated_at = $6
WHERE id = $1
