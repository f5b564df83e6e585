-- Lists the providers that are not deleted.
-- params: none
-- returns: id int
SELECT id FROM providers WHERE deleted_at IS NULL ORDER BY id
