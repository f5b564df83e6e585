-- Counts the patterns that are switched on.
-- params: none
-- returns: patterns int
SELECT COUNT(*) AS patterns FROM sensitive_words WHERE is_enabled = 1 AND match_type = 'regex'
