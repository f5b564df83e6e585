-- Sets the groups of a user.
-- params: $1 id int, $2 provider_group text?, $3 now int
-- returns: none
-- idempotent
UPDATE users SET provider_group = $2, updated_at = $3 WHERE id = $1 AND deleted_at IS NULL
