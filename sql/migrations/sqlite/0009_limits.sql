-- Limits of groups and tags, and of more kinds for everybody: tokens a minute and requests at once;
-- for providers also requests a minute. A group's row may be there for its limits alone.

ALTER TABLE users ADD COLUMN limit_tpm INTEGER;
ALTER TABLE users ADD COLUMN limit_concurrent_requests INTEGER;
ALTER TABLE user_keys ADD COLUMN limit_tpm INTEGER;
ALTER TABLE user_keys ADD COLUMN limit_concurrent_requests INTEGER;
ALTER TABLE providers ADD COLUMN limit_rpm INTEGER;
ALTER TABLE providers ADD COLUMN limit_tpm INTEGER;
ALTER TABLE providers ADD COLUMN limit_concurrent_requests INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_rpm INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_tpm INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_concurrent_sessions INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_concurrent_requests INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_5h INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_daily INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_weekly INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_monthly INTEGER;
ALTER TABLE provider_groups ADD COLUMN limit_total INTEGER;
ALTER TABLE provider_groups ADD COLUMN five_hour_reset_mode TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling'));
ALTER TABLE provider_groups ADD COLUMN daily_reset_mode TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling'));
ALTER TABLE provider_groups ADD COLUMN daily_reset_minute INTEGER NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439);

CREATE TABLE tag_limits (
    name TEXT PRIMARY KEY,
    limit_rpm INTEGER,
    limit_tpm INTEGER,
    limit_concurrent_sessions INTEGER,
    limit_concurrent_requests INTEGER,
    limit_5h INTEGER,
    limit_daily INTEGER,
    limit_weekly INTEGER,
    limit_monthly INTEGER,
    limit_total INTEGER,
    five_hour_reset_mode TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling')),
    daily_reset_mode TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling')),
    daily_reset_minute INTEGER NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
