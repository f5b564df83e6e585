-- Lists slots whose rows are newer than their figures, oldest first.
-- params: $1 limit int
-- returns: slot int, from_id bytes, to_id bytes, mark int
SELECT slot, from_id, to_id, mark FROM dirty_slots WHERE mark > done ORDER BY slot LIMIT $1
