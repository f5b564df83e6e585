-- As lock.sql, with the row held: the embedded engine has one writer anyway.
SELECT id FROM providers WHERE id = $1 AND deleted_at IS NULL FOR UPDATE
