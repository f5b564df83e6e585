-- Lists the statuses ever given; jumps from one to the next in the index, which has 200 as well here.
-- params: none
-- returns: status int
WITH RECURSIVE found (status) AS (
    SELECT MIN(r.status) FROM requests r
    UNION ALL
    SELECT (SELECT MIN(r.status) FROM requests r WHERE r.status > found.status)
    FROM found WHERE found.status IS NOT NULL
)
SELECT status FROM found WHERE status IS NOT NULL
