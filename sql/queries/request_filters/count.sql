-- Counts the filters, those that are switched off included.
-- params: none
-- returns: filters int
SELECT COUNT(*) AS filters FROM request_filters
