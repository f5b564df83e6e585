-- Adds up everything between two slots by provider, user or model, of a user when one is given.
-- A provider of 0 is none: nobody was asked.
-- params: $1 from int, $2 to int, $3 user_id int?, $4 by text
-- returns: part text, name text?, requests int, errors int, cost int, tokens int
SELECT g.part, COALESCE(p.name, u.name) AS name, g.requests, g.errors, g.cost, g.tokens
FROM (
    SELECT CASE $4 WHEN 'provider' THEN CAST(f.provider_id AS TEXT)
                   WHEN 'user' THEN CAST(f.user_id AS TEXT)
                   ELSE f.model END AS part,
           CAST(SUM(f.requests) AS BIGINT) AS requests, CAST(SUM(f.errors) AS BIGINT) AS errors,
           CAST(SUM(f.cost) AS BIGINT) AS cost,
           CAST(SUM(f.input_tokens) + SUM(f.image_input_tokens) + SUM(f.output_tokens)
               + SUM(f.image_output_tokens) + SUM(f.cache_write_5m_tokens)
               + SUM(f.cache_write_1h_tokens) + SUM(f.cache_read_tokens) AS BIGINT) AS tokens
    FROM figures f
    WHERE f.slot >= $1 AND f.slot < $2 AND ($3 IS NULL OR f.user_id = $3)
    GROUP BY 1
) g
LEFT JOIN providers p ON p.id = CASE WHEN $4 = 'provider' THEN CAST(g.part AS BIGINT) END
LEFT JOIN users u ON u.id = CASE WHEN $4 = 'user' THEN CAST(g.part AS BIGINT) END
ORDER BY g.part
