-- Tells how far an installation has come, and the first slot with a request.
-- params: none
-- returns: providers int, enabled int, users int, first_slot int?
SELECT (SELECT COUNT(*) FROM providers p WHERE p.deleted_at IS NULL) AS providers,
       (SELECT COUNT(*) FROM providers p WHERE p.deleted_at IS NULL AND p.is_enabled = 1)
           AS enabled,
       (SELECT COUNT(*) FROM users u WHERE u.deleted_at IS NULL) AS users,
       (SELECT MIN(d.slot) FROM dirty_slots d) AS first_slot
