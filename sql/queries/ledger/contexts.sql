-- Reads exclusion contexts by a list of their hashes in hexadecimal.
-- params: $1 hashes json
-- returns: hash bytes, body json
SELECT c.hash, c.body FROM json_each($1) wanted JOIN decision_contexts c ON c.hash = unhex(wanted.value)
