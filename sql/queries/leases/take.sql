-- Takes or renews a lease when it is free, over, or one's own; tells the holder by changing a row.
-- params: $1 name text, $2 holder text, $3 until int, $4 now int
-- returns: none
INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE leases.holder = excluded.holder OR leases.until <= $4
