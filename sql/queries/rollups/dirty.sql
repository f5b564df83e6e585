-- Lists slots before an instant whose rows are newer than their figures, oldest first.
-- params: $1 before int, $2 limit int
-- returns: slot int, from_id bytes, to_id bytes, mark int
SELECT slot, from_id, to_id, mark FROM dirty_slots
WHERE mark > counted AND slot < $1
ORDER BY slot LIMIT $2
