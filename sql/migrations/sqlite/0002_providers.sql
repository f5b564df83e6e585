-- Vendors, providers with their endpoints, groups, and versioned prices.

CREATE TABLE vendors (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    website_domain TEXT NOT NULL UNIQUE,
    display_name   TEXT,
    website_url    TEXT,
    favicon_url    TEXT,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE provider_groups (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL UNIQUE,
    cost_multiplier TEXT NOT NULL,
    description     TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
INSERT INTO provider_groups (name, cost_multiplier, created_at, updated_at)
VALUES ('default', '1', 0, 0);

CREATE TABLE providers (
    id                            INTEGER PRIMARY KEY AUTOINCREMENT,
    name                          TEXT NOT NULL,
    name_lower                    TEXT NOT NULL,
    vendor_id                     INTEGER REFERENCES vendors (id),
    kind                          TEXT NOT NULL CHECK (kind IN ('claude', 'claude-auth', 'codex', 'gemini', 'gemini-cli', 'openai-compatible')),
    sealed_key                    TEXT NOT NULL,
    key_prefix                    TEXT NOT NULL,
    key_suffix                    TEXT NOT NULL,
    is_enabled                    INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    weight                        INTEGER NOT NULL CHECK (weight > 0),
    priority                      INTEGER NOT NULL,
    cost_multiplier               TEXT NOT NULL,
    group_tag                     TEXT,
    group_priorities              TEXT,
    model_redirects               TEXT,
    allowed_models                TEXT,
    custom_headers                TEXT,
    allowed_clients               TEXT,
    blocked_clients               TEXT,
    active_from_minute            INTEGER,
    active_to_minute              INTEGER,
    disable_session_reuse         INTEGER NOT NULL DEFAULT 0 CHECK (disable_session_reuse IN (0, 1)),
    preserve_client_ip            INTEGER NOT NULL DEFAULT 0 CHECK (preserve_client_ip IN (0, 1)),
    allow_private                 INTEGER NOT NULL DEFAULT 0 CHECK (allow_private IN (0, 1)),
    join_claude_pool              INTEGER NOT NULL DEFAULT 0 CHECK (join_claude_pool IN (0, 1)),
    codex_instructions_strategy   TEXT NOT NULL DEFAULT 'auto',
    mcp_passthrough_type          TEXT NOT NULL DEFAULT 'none',
    mcp_passthrough_url           TEXT,
    cache_ttl_preference          TEXT,
    context_1m_preference         TEXT,
    preferences                   TEXT,
    limit_concurrent_sessions     INTEGER,
    limit_5h                      INTEGER,
    limit_daily                   INTEGER,
    limit_weekly                  INTEGER,
    limit_monthly                 INTEGER,
    limit_total                   INTEGER,
    five_hour_reset_mode          TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling')),
    daily_reset_mode              TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling')),
    daily_reset_minute            INTEGER NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439),
    costs_count_from              INTEGER,
    tpm                           INTEGER,
    rpm                           INTEGER,
    rpd                           INTEGER,
    cc                            INTEGER,
    max_retry_attempts            INTEGER,
    breaker_failure_threshold     INTEGER NOT NULL DEFAULT 5 CHECK (breaker_failure_threshold >= 0),
    breaker_open_ms               INTEGER NOT NULL DEFAULT 1800000 CHECK (breaker_open_ms >= 0),
    breaker_half_open_successes   INTEGER NOT NULL DEFAULT 2 CHECK (breaker_half_open_successes > 0),
    breaker_probes                INTEGER NOT NULL DEFAULT 1 CHECK (breaker_probes > 0),
    first_byte_timeout_ms         INTEGER NOT NULL DEFAULT 0,
    idle_timeout_ms               INTEGER NOT NULL DEFAULT 0,
    total_timeout_ms              INTEGER NOT NULL DEFAULT 0,
    proxy_url                     TEXT,
    proxy_fallback_to_direct      INTEGER NOT NULL DEFAULT 0 CHECK (proxy_fallback_to_direct IN (0, 1)),
    website_url                   TEXT,
    favicon_url                   TEXT,
    description                   TEXT,
    created_at                    INTEGER NOT NULL,
    updated_at                    INTEGER NOT NULL,
    deleted_at                    INTEGER
) STRICT;
CREATE INDEX providers_live ON providers (id) WHERE deleted_at IS NULL;
CREATE INDEX providers_of_vendor ON providers (vendor_id);

-- The base URL is the endpoint at position 0; there is no other place for it.
CREATE TABLE provider_endpoints (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    provider_id INTEGER NOT NULL REFERENCES providers (id),
    position    INTEGER NOT NULL CHECK (position >= 0),
    url         TEXT NOT NULL,
    label       TEXT,
    is_enabled  INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX provider_endpoints_order ON provider_endpoints (provider_id, position, id);

CREATE TABLE model_prices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    model      TEXT NOT NULL,
    source     TEXT NOT NULL CHECK (source IN ('seed', 'synced', 'manual')),
    body       TEXT NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX model_prices_newest ON model_prices (model, source, id);
