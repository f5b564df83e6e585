-- Reads the groups and the tags of every key, also of those that are deleted: who else pays for
-- what it spends.
-- params: none
-- returns: key_id int, key_group text?, tags json
SELECT k.id AS key_id, k.provider_group AS key_group, u.tags
FROM user_keys k
JOIN users u ON u.id = k.user_id
ORDER BY k.id
