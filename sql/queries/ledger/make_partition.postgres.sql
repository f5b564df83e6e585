-- Makes the partition of a month; returns 1 when it made one.
SELECT make_requests_partition($1, $2, $3) AS made
