-- Lists the models ever asked for; jumps from one to the next in the index, which stays here for nodes
-- of the version before.
-- params: none
-- returns: model text
WITH RECURSIVE found (model) AS (
    SELECT MIN(r.model) FROM requests r
    UNION ALL
    SELECT (SELECT MIN(r.model) FROM requests r WHERE r.model > found.model)
    FROM found WHERE found.model IS NOT NULL
)
SELECT model FROM found WHERE model IS NOT NULL
