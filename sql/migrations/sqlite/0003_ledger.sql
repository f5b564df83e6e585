-- The ledger, its roll-ups, and views for people.

CREATE TABLE requests (
    request_id            BLOB PRIMARY KEY,
    started_at            INTEGER NOT NULL,
    ended_at              INTEGER NOT NULL,
    user_id               INTEGER NOT NULL,
    key_id                INTEGER NOT NULL,
    session_id            TEXT,
    dialect               TEXT NOT NULL,
    operation             TEXT NOT NULL,
    path                  TEXT NOT NULL,
    model                 TEXT,
    is_stream             INTEGER NOT NULL CHECK (is_stream IN (0, 1)),
    estimate              INTEGER NOT NULL,
    client_ip             TEXT,
    user_agent            TEXT,
    outcome               TEXT NOT NULL,
    status                INTEGER NOT NULL,
    sent_status           INTEGER,
    provider_id           INTEGER,
    group_name            TEXT,
    upstream_model        TEXT,
    response_model        TEXT,
    input_tokens          INTEGER,
    output_tokens         INTEGER,
    reasoning_tokens      INTEGER,
    cache_write_5m_tokens INTEGER,
    cache_write_1h_tokens INTEGER,
    cache_read_tokens     INTEGER,
    image_input_tokens    INTEGER,
    image_output_tokens   INTEGER,
    is_usage_complete     INTEGER NOT NULL CHECK (is_usage_complete IN (0, 1)),
    cost                  INTEGER,
    list_cost             INTEGER,
    provider_factor       TEXT,
    group_factor          TEXT,
    service_tier          TEXT,
    billed_model          TEXT,
    price_id              INTEGER,
    unbilled              TEXT,
    first_byte_ms         INTEGER,
    first_content_ms      INTEGER,
    duration_ms           INTEGER NOT NULL,
    duration_bucket       INTEGER NOT NULL,
    content_bucket        INTEGER,
    retries               INTEGER NOT NULL,
    chain                 TEXT NOT NULL,
    edits                 TEXT NOT NULL,
    notes                 TEXT NOT NULL,
    error                 TEXT,
    refusal               TEXT,
    catalogue             INTEGER NOT NULL,
    messages              INTEGER
) STRICT;
CREATE INDEX requests_user ON requests (user_id, request_id);
CREATE INDEX requests_key ON requests (key_id, request_id);
CREATE INDEX requests_provider ON requests (provider_id, request_id);
CREATE INDEX requests_model ON requests (model, request_id);
CREATE INDEX requests_status ON requests (status, request_id);
CREATE INDEX requests_session ON requests (session_id, request_id);
-- Few rows wait for a price; the others cost this index nothing.
CREATE INDEX requests_unpriced ON requests (request_id) WHERE unbilled = 'unpriced';

CREATE TABLE decision_contexts (
    hash       BLOB PRIMARY KEY,
    body       TEXT NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT;

-- A slot is dirty while mark > done. Rows stay, so that marks only ever rise.
CREATE TABLE dirty_slots (
    slot    INTEGER PRIMARY KEY,
    from_id BLOB NOT NULL,
    to_id   BLOB NOT NULL,
    mark    INTEGER NOT NULL,
    done    INTEGER NOT NULL
) STRICT;

CREATE TABLE rollups (
    slot                  INTEGER NOT NULL,
    user_id               INTEGER NOT NULL,
    key_id                INTEGER NOT NULL,
    provider_id           INTEGER NOT NULL,
    model                 TEXT NOT NULL,
    group_name            TEXT NOT NULL,
    requests              INTEGER NOT NULL,
    errors                INTEGER NOT NULL,
    unmetered             INTEGER NOT NULL,
    unpriced              INTEGER NOT NULL,
    input_tokens          INTEGER NOT NULL,
    output_tokens         INTEGER NOT NULL,
    reasoning_tokens      INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens     INTEGER NOT NULL,
    image_input_tokens    INTEGER NOT NULL,
    image_output_tokens   INTEGER NOT NULL,
    cost                  INTEGER NOT NULL,
    list_cost             INTEGER NOT NULL,
    duration_ms           INTEGER NOT NULL,
    PRIMARY KEY (slot, user_id, key_id, provider_id, model, group_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_latencies (
    slot        INTEGER NOT NULL,
    provider_id INTEGER NOT NULL,
    model       TEXT NOT NULL,
    measure     TEXT NOT NULL CHECK (measure IN ('duration', 'first_content')),
    bucket      INTEGER NOT NULL,
    requests    INTEGER NOT NULL,
    PRIMARY KEY (slot, provider_id, model, measure, bucket)
) STRICT, WITHOUT ROWID;

-- Roll-ups of clean slots and the rows of dirty ones: what limits and charts add up.
CREATE VIEW figures AS
SELECT s.slot, s.user_id, s.key_id, s.provider_id, s.model, s.group_name, s.requests, s.errors,
       s.unmetered, s.unpriced, s.input_tokens, s.output_tokens, s.reasoning_tokens,
       s.cache_write_5m_tokens, s.cache_write_1h_tokens, s.cache_read_tokens,
       s.image_input_tokens, s.image_output_tokens, s.cost, s.list_cost, s.duration_ms
FROM rollups s
WHERE NOT EXISTS (SELECT 1 FROM dirty_slots d WHERE d.slot = s.slot AND d.mark > d.done)
UNION ALL
SELECT d.slot, r.user_id, r.key_id, COALESCE(r.provider_id, 0), COALESCE(r.model, ''),
       COALESCE(r.group_name, ''), 1, CASE WHEN r.status >= 400 THEN 1 ELSE 0 END,
       CASE WHEN r.unbilled = 'unmetered' THEN 1 ELSE 0 END,
       CASE WHEN r.unbilled = 'unpriced' THEN 1 ELSE 0 END,
       COALESCE(r.input_tokens, 0), COALESCE(r.output_tokens, 0),
       COALESCE(r.reasoning_tokens, 0), COALESCE(r.cache_write_5m_tokens, 0),
       COALESCE(r.cache_write_1h_tokens, 0), COALESCE(r.cache_read_tokens, 0),
       COALESCE(r.image_input_tokens, 0), COALESCE(r.image_output_tokens, 0),
       COALESCE(r.cost, 0), COALESCE(r.list_cost, 0), r.duration_ms
FROM dirty_slots d
JOIN requests r ON r.request_id >= d.from_id AND r.request_id < d.to_id
WHERE d.mark > d.done;

CREATE VIEW v_requests AS
SELECT lower(hex(r.request_id)) AS request_id, strftime('%Y-%m-%d %H:%M:%f', r.started_at / 1000000.0, 'unixepoch') AS started, u.name AS user_name,
       k.name AS key_name, p.name AS provider_name, r.model, r.path, r.status, r.outcome,
       r.input_tokens, r.output_tokens, r.cache_read_tokens,
       r.cache_write_5m_tokens + r.cache_write_1h_tokens AS cache_write_tokens,
       r.cost / 1000000000.0 AS usd, r.unbilled, r.duration_ms, r.retries, r.session_id, r.error
FROM requests r
LEFT JOIN users u ON u.id = r.user_id
LEFT JOIN user_keys k ON k.id = r.key_id
LEFT JOIN providers p ON p.id = r.provider_id;

CREATE VIEW v_spend_daily AS
SELECT strftime('%Y-%m-%d', s.slot / 1000000.0, 'unixepoch') AS day_utc,
       u.name AS user_name, p.name AS provider_name, s.model,
       SUM(s.requests) AS requests, SUM(s.errors) AS errors, SUM(s.cost) / 1000000000.0 AS usd
FROM figures s
LEFT JOIN users u ON u.id = s.user_id
LEFT JOIN providers p ON p.id = s.provider_id
GROUP BY 1, 2, 3, 4;
