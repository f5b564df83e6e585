-- Vendors that are named, schedules with a zone of their own, and models that stand in for others.

ALTER TABLE providers ADD COLUMN vendor_name TEXT COLLATE "C";
ALTER TABLE providers ADD COLUMN active_time_zone TEXT COLLATE "C";
ALTER TABLE provider_groups ADD COLUMN fallback_models JSONB;
ALTER TABLE user_keys ADD COLUMN fallback_models JSONB;
