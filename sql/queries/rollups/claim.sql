-- Notes up to which mark a slot's figures are right; changes nothing when newer ones are there.
-- params: $1 slot int, $2 mark int
-- returns: none
UPDATE dirty_slots SET done = $2, counted = $2 WHERE slot = $1 AND counted < $2
