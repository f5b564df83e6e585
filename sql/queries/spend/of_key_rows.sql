-- Sums what a key has spent since each of two instants, exactly; the id bounds both.
-- params: $1 key_id int, $2 since_id bytes, $3 since_day int, $4 since_5h int
-- returns: daily int, five_hours int
SELECT CAST(COALESCE(SUM(CASE WHEN started_at >= $3 THEN cost ELSE 0 END), 0) AS BIGINT) AS daily,
       CAST(COALESCE(SUM(CASE WHEN started_at >= $4 THEN cost ELSE 0 END), 0) AS BIGINT)
           AS five_hours
FROM requests
WHERE key_id = $1 AND request_id >= $2
