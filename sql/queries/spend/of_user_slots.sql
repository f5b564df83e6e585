-- Sums what a user's keys have spent since a slot; keys that are deleted do not count.
-- params: $1 user_id int, $2 since int
-- returns: cost int
SELECT CAST(COALESCE(SUM(f.cost), 0) AS BIGINT) AS cost
FROM figures f
JOIN user_keys k ON k.id = f.key_id AND k.deleted_at IS NULL
WHERE f.user_id = $1 AND f.slot >= $2
