-- Two more wishes of providers: cache marks for requests that have none, and how models that nobody knows
-- are told how much to think.

ALTER TABLE providers ADD COLUMN auto_cache_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN unknown_effort_preference TEXT NOT NULL DEFAULT 'inherit';
