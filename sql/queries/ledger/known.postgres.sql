-- Tells which of the ids have a row.
SELECT r.request_id
FROM jsonb_array_elements_text($1) AS wanted (id)
JOIN requests r ON r.request_id = decode(wanted.id, 'hex')
