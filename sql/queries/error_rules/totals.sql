-- Counts the error rules and what their patterns take.
-- params: none
-- returns: rules int, expressions int, characters int
SELECT COUNT(*) AS rules,
       COUNT(CASE WHEN match_type = 'regex' THEN 1 END) AS expressions,
       COALESCE(CAST(SUM(LENGTH(pattern)) AS BIGINT), 0) AS characters
FROM error_rules
