-- Fewer indexes to keep for each request: first the table that comes in place of one.
--
-- The index of models only serves the list of models: a table of the few names does it better. They
-- are found by jumps in the index, so this is quick on a large ledger. The index stays here: nodes of
-- the version before still read by it, and dropping it would queue a shared database's writers. So
-- does the whole index of statuses, for making a narrower one would hold them up.

CREATE TABLE asked_models (
    model TEXT COLLATE "C" PRIMARY KEY
);
INSERT INTO asked_models (model)
WITH RECURSIVE found (model) AS (
    SELECT MIN(r.model) FROM requests r
    UNION ALL
    SELECT (SELECT MIN(r.model) FROM requests r WHERE r.model > found.model)
    FROM found WHERE found.model IS NOT NULL
)
SELECT model FROM found WHERE model IS NOT NULL;
