-- Finds a provider that is not deleted, to change it in the same transaction.
-- params: $1 id int
-- returns: id int
SELECT id FROM providers WHERE id = $1 AND deleted_at IS NULL
