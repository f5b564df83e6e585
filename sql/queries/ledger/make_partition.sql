-- Makes the partition of a month where the engine has partitions; returns 1 when it made one.
-- params: $1 name text, $2 from_id bytes, $3 to_id bytes
-- returns: made int
SELECT CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN 1 ELSE 0 END AS made
