-- Removes the latency histograms of a slot, before newer ones are written.
-- params: $1 slot int
-- returns: none
DELETE FROM rollup_latencies WHERE slot = $1
