-- Users, their keys, console sessions, audit, settings, and what nodes share.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE catalogue_versions (
    section TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT;
INSERT INTO catalogue_versions (section, version)
VALUES ('callers', 1), ('groups', 1), ('prices', 1), ('providers', 1), ('settings', 1);

CREATE TABLE settings (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL,
    version    TEXT NOT NULL,
    has_redis  INTEGER NOT NULL CHECK (has_redis IN (0, 1)),
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    name                      TEXT NOT NULL,
    name_lower                TEXT NOT NULL,
    note                      TEXT,
    role                      TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    provider_group            TEXT,
    tags                      TEXT NOT NULL,
    is_enabled                INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    expires_at                INTEGER,
    limit_rpm                 INTEGER,
    limit_concurrent_sessions INTEGER,
    limit_5h                  INTEGER,
    limit_daily               INTEGER,
    limit_weekly              INTEGER,
    limit_monthly             INTEGER,
    limit_total               INTEGER,
    five_hour_reset_mode      TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling')),
    daily_reset_mode          TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling')),
    daily_reset_minute        INTEGER NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439),
    costs_count_from          INTEGER,
    allowed_clients           TEXT NOT NULL,
    blocked_clients           TEXT NOT NULL,
    allowed_models            TEXT NOT NULL,
    created_at                INTEGER NOT NULL,
    updated_at                INTEGER NOT NULL,
    deleted_at                INTEGER
) STRICT;
CREATE INDEX users_live ON users (role, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name ON users (name_lower);

CREATE TABLE user_keys (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id                   INTEGER NOT NULL REFERENCES users (id),
    name                      TEXT NOT NULL,
    name_lower                TEXT NOT NULL,
    hash                      BLOB NOT NULL UNIQUE,
    prefix                    TEXT NOT NULL,
    suffix                    TEXT NOT NULL,
    sealed_key                TEXT,
    is_enabled                INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    can_login                 INTEGER NOT NULL CHECK (can_login IN (0, 1)),
    expires_at                INTEGER,
    provider_group            TEXT,
    limit_rpm                 INTEGER,
    limit_concurrent_sessions INTEGER,
    limit_5h                  INTEGER,
    limit_daily               INTEGER,
    limit_weekly              INTEGER,
    limit_monthly             INTEGER,
    limit_total               INTEGER,
    five_hour_reset_mode      TEXT NOT NULL DEFAULT 'rolling' CHECK (five_hour_reset_mode IN ('fixed', 'rolling')),
    daily_reset_mode          TEXT NOT NULL DEFAULT 'fixed' CHECK (daily_reset_mode IN ('fixed', 'rolling')),
    daily_reset_minute        INTEGER NOT NULL DEFAULT 0 CHECK (daily_reset_minute BETWEEN 0 AND 1439),
    costs_count_from          INTEGER,
    cache_ttl_preference      TEXT,
    created_at                INTEGER NOT NULL,
    updated_at                INTEGER NOT NULL,
    deleted_at                INTEGER
) STRICT;
CREATE INDEX user_keys_of_user ON user_keys (user_id, id);

CREATE TABLE console_sessions (
    token_hash BLOB PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('admin', 'key')),
    key_id     INTEGER REFERENCES user_keys (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    revoked_at INTEGER,
    client_ip  TEXT,
    user_agent TEXT
) STRICT;
CREATE INDEX console_sessions_end ON console_sessions (expires_at);

CREATE TABLE audit_log (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    INTEGER,
    actor_name  TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id   INTEGER,
    target_name TEXT,
    success     INTEGER NOT NULL CHECK (success IN (0, 1)),
    detail      TEXT NOT NULL,
    client_ip   TEXT,
    user_agent  TEXT
) STRICT;
CREATE INDEX audit_log_target ON audit_log (target_kind, target_id, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
