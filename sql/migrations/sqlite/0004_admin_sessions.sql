-- A session of the administrator is tied to the admin token that opened it.

ALTER TABLE console_sessions ADD COLUMN admin_mark BLOB;
