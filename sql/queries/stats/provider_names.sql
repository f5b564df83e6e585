-- Lists the providers that are not deleted, in the order in which they are asked.
-- params: none
-- returns: id int, name text, is_enabled int
SELECT id, name, is_enabled FROM providers
WHERE deleted_at IS NULL
ORDER BY priority, name_lower, id
