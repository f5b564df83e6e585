-- Removes the figures of a slot, before newer ones are written.
-- params: $1 slot int
-- returns: none
DELETE FROM rollups WHERE slot = $1
