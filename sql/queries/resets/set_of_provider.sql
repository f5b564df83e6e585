-- Notes from when on the costs of a provider count.
-- params: $1 id int, $2 at int
-- returns: none
-- idempotent
UPDATE providers SET costs_count_from = $2 WHERE id = $1 AND deleted_at IS NULL
