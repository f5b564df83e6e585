-- Sums what a key has spent since each of three slots; the first one bounds them all.
-- params: $1 key_id int, $2 since_total int, $3 since_month int, $4 since_week int
-- returns: total int, monthly int, weekly int
SELECT CAST(COALESCE(SUM(f.cost), 0) AS BIGINT) AS total,
       CAST(COALESCE(SUM(CASE WHEN f.slot >= $3 THEN f.cost ELSE 0 END), 0) AS BIGINT) AS monthly,
       CAST(COALESCE(SUM(CASE WHEN f.slot >= $4 THEN f.cost ELSE 0 END), 0) AS BIGINT) AS weekly
FROM figures f
WHERE f.key_id = $1 AND f.slot >= $2
