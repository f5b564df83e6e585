-- Reads exclusion contexts by a list of their hashes in hexadecimal.
SELECT c.hash, c.body
FROM jsonb_array_elements_text($1) AS wanted (id)
JOIN decision_contexts c ON c.hash = decode(wanted.id, 'hex')
