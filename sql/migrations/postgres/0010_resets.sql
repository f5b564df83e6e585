-- Whose spend was reset is looked for twice a second: few ever were.

CREATE INDEX user_keys_reset ON user_keys (costs_count_from) WHERE costs_count_from IS NOT NULL;
CREATE INDEX users_reset ON users (costs_count_from) WHERE costs_count_from IS NOT NULL;
CREATE INDEX providers_reset ON providers (costs_count_from) WHERE costs_count_from IS NOT NULL;
