-- Reads from when on the costs of a user or of a key count, when they were ever reset.
-- params: $1 user_id int?, $2 key_id int?
-- returns: at int
SELECT u.costs_count_from AS at FROM users u WHERE u.id = $1 AND u.costs_count_from IS NOT NULL
UNION ALL
SELECT k.costs_count_from FROM user_keys k WHERE k.id = $2 AND k.costs_count_from IS NOT NULL
