-- Whose spend was reset is looked for twice a second: few ever were. Groups and tags can be reset as
-- users, keys and providers are; they are few, so they need no index.

ALTER TABLE provider_groups ADD COLUMN costs_count_from INTEGER;
ALTER TABLE tag_limits ADD COLUMN costs_count_from INTEGER;

CREATE INDEX user_keys_reset ON user_keys (costs_count_from) WHERE costs_count_from IS NOT NULL;
CREATE INDEX users_reset ON users (costs_count_from) WHERE costs_count_from IS NOT NULL;
CREATE INDEX providers_reset ON providers (costs_count_from) WHERE costs_count_from IS NOT NULL;
