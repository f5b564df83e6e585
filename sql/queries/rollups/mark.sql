-- Says that a slot has new rows. The row's lock makes a recomputation that runs meanwhile see it.
-- params: $1 slot int, $2 from_id bytes, $3 to_id bytes
-- returns: none
INSERT INTO dirty_slots (slot, from_id, to_id, mark, done) VALUES ($1, $2, $3, 1, 0)
ON CONFLICT (slot) DO UPDATE SET mark = dirty_slots.mark + 1
