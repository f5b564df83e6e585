-- Tells which of the ids (a list of hexadecimal texts) have a row.
-- params: $1 ids json
-- returns: request_id bytes
SELECT r.request_id FROM json_each($1) wanted JOIN requests r ON r.request_id = unhex(wanted.value)
