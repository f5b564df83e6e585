-- Adds up money of an owner since a slot.
-- params: $1 since int, $2 user_id int?, $3 key_id int?, $4 provider_id int?
-- returns: cost int, list_cost int
SELECT CAST(COALESCE(SUM(f.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(f.list_cost), 0) AS BIGINT) AS list_cost
FROM figures f
WHERE f.slot >= $1 AND ($2 IS NULL OR f.user_id = $2) AND ($3 IS NULL OR f.key_id = $3)
  AND ($4 IS NULL OR f.provider_id = $4)
