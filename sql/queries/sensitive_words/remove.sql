-- Removes a word for good.
-- params: $1 id int
-- returns: none
-- idempotent
DELETE FROM sensitive_words WHERE id = $1
