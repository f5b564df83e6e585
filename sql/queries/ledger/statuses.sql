-- Lists the statuses ever given; jumps from one to the next in the index, which leaves out 200.
-- params: none
-- returns: status int
WITH RECURSIVE found (status) AS (
    SELECT MIN(r.status) FROM requests r WHERE r.status <> 200
    UNION ALL
    SELECT (SELECT MIN(r.status) FROM requests r WHERE r.status > found.status AND r.status <> 200)
    FROM found WHERE found.status IS NOT NULL
)
SELECT status FROM found WHERE status IS NOT NULL
UNION ALL
SELECT 200 WHERE EXISTS (SELECT 1 FROM requests r WHERE r.status = 200)
ORDER BY status
