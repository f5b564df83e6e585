-- Lists the requests that came and ended since two instants.
-- params: $1 since_id bytes, $2 ended_since int
-- returns: request_id bytes
SELECT request_id FROM requests WHERE request_id >= $1 AND ended_at >= $2 ORDER BY request_id
