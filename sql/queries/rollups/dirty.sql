-- Lists slots of a span whose rows are newer than their figures, oldest first.
-- params: $1 from int, $2 to int, $3 limit int
-- returns: slot int, from_id bytes, to_id bytes, mark int
SELECT slot, from_id, to_id, mark FROM dirty_slots
WHERE mark > counted AND slot >= $1 AND slot < $2
ORDER BY slot LIMIT $3
