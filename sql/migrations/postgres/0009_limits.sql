-- Limits of groups and tags, and of more kinds for everybody: tokens a minute and requests at once;
-- for providers also requests a minute. A group's row may be there for its limits alone.

ALTER TABLE users ADD COLUMN limit_tpm BIGINT;
ALTER TABLE users ADD COLUMN limit_concurrent_requests BIGINT;
ALTER TABLE user_keys ADD COLUMN limit_tpm BIGINT;
ALTER TABLE user_keys ADD COLUMN limit_concurrent_requests BIGINT;
ALTER TABLE providers ADD COLUMN limit_rpm BIGINT;
ALTER TABLE providers ADD COLUMN limit_tpm BIGINT;
ALTER TABLE providers ADD COLUMN limit_concurrent_requests BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_rpm BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_tpm BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_concurrent_sessions BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_concurrent_requests BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_5h BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_daily BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_weekly BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_monthly BIGINT;
ALTER TABLE provider_groups ADD COLUMN limit_total BIGINT;
ALTER TABLE provider_groups ADD COLUMN five_hour_reset_mode TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling'));
ALTER TABLE provider_groups ADD COLUMN daily_reset_mode TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling'));
ALTER TABLE provider_groups ADD COLUMN daily_reset_minute BIGINT NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439);

CREATE TABLE tag_limits (
    name TEXT COLLATE "C" PRIMARY KEY,
    limit_rpm BIGINT,
    limit_tpm BIGINT,
    limit_concurrent_sessions BIGINT,
    limit_concurrent_requests BIGINT,
    limit_5h BIGINT,
    limit_daily BIGINT,
    limit_weekly BIGINT,
    limit_monthly BIGINT,
    limit_total BIGINT,
    five_hour_reset_mode TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling')),
    daily_reset_mode TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling')),
    daily_reset_minute BIGINT NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
