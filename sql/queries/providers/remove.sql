-- Deletes a provider; its row stays for the ledger.
-- params: $1 id int, $2 now int
-- returns: none
-- idempotent
UPDATE providers SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL
