-- Adds up everything between two slots by step from the first slot and by provider, user or model;
-- of a user when one is given. Five of them are told apart, the rest has no name.
-- params: $1 from int, $2 to int, $3 step int, $4 user_id int?, $5 by text, $6 part_1 text?,
--   $7 part_2 text?, $8 part_3 text?, $9 part_4 text?, $10 part_5 text?
-- returns: step int, part text?, requests int, cost int, tokens int
SELECT (f.slot - $1) / $3 AS step,
       CASE WHEN CASE $5 WHEN 'provider' THEN CAST(f.provider_id AS TEXT)
                         WHEN 'user' THEN CAST(f.user_id AS TEXT)
                         ELSE f.model END IN ($6, $7, $8, $9, $10)
            THEN CASE $5 WHEN 'provider' THEN CAST(f.provider_id AS TEXT)
                         WHEN 'user' THEN CAST(f.user_id AS TEXT)
                         ELSE f.model END
            ELSE NULL END AS part,
       CAST(SUM(f.requests) AS BIGINT) AS requests, CAST(SUM(f.cost) AS BIGINT) AS cost,
       CAST(SUM(f.input_tokens) + SUM(f.image_input_tokens) + SUM(f.output_tokens)
           + SUM(f.image_output_tokens) + SUM(f.cache_write_5m_tokens)
           + SUM(f.cache_write_1h_tokens) + SUM(f.cache_read_tokens) AS BIGINT)
           AS tokens
FROM figures f
WHERE f.slot >= $1 AND f.slot < $2 AND ($4 IS NULL OR f.user_id = $4)
GROUP BY 1, 2
ORDER BY 1, 2
