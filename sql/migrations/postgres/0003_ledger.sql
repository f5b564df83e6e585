-- The ledger, its roll-ups, and views for people.

CREATE TABLE requests (
    request_id            BYTEA PRIMARY KEY,
    started_at            BIGINT NOT NULL,
    ended_at              BIGINT NOT NULL,
    user_id               BIGINT NOT NULL,
    key_id                BIGINT NOT NULL,
    session_id            TEXT COLLATE "C",
    dialect               TEXT COLLATE "C" NOT NULL,
    operation             TEXT COLLATE "C" NOT NULL,
    path                  TEXT COLLATE "C" NOT NULL,
    model                 TEXT COLLATE "C",
    is_stream             BIGINT NOT NULL CHECK (is_stream IN (0, 1)),
    estimate              BIGINT NOT NULL,
    client_ip             TEXT COLLATE "C",
    user_agent            TEXT COLLATE "C",
    outcome               TEXT COLLATE "C" NOT NULL,
    status                BIGINT NOT NULL,
    sent_status           BIGINT,
    provider_id           BIGINT,
    group_name            TEXT COLLATE "C",
    upstream_model        TEXT COLLATE "C",
    response_model        TEXT COLLATE "C",
    input_tokens          BIGINT,
    output_tokens         BIGINT,
    reasoning_tokens      BIGINT,
    cache_write_5m_tokens BIGINT,
    cache_write_1h_tokens BIGINT,
    cache_read_tokens     BIGINT,
    image_input_tokens    BIGINT,
    image_output_tokens   BIGINT,
    is_usage_complete     BIGINT NOT NULL CHECK (is_usage_complete IN (0, 1)),
    cost                  BIGINT,
    list_cost             BIGINT,
    provider_factor       TEXT COLLATE "C",
    group_factor          TEXT COLLATE "C",
    service_tier          TEXT COLLATE "C",
    billed_model          TEXT COLLATE "C",
    price_id              BIGINT,
    unbilled              TEXT COLLATE "C",
    first_byte_ms         BIGINT,
    first_content_ms      BIGINT,
    duration_ms           BIGINT NOT NULL,
    duration_bucket       BIGINT NOT NULL,
    content_bucket        BIGINT,
    retries               BIGINT NOT NULL,
    chain                 JSONB NOT NULL,
    edits                 JSONB NOT NULL,
    notes                 JSONB NOT NULL,
    error                 TEXT COLLATE "C",
    refusal               JSONB,
    catalogue             BIGINT NOT NULL,
    messages              BIGINT
) PARTITION BY RANGE (request_id);
CREATE TABLE requests_default PARTITION OF requests DEFAULT;
CREATE INDEX requests_user ON requests (user_id, request_id);
CREATE INDEX requests_key ON requests (key_id, request_id);
CREATE INDEX requests_provider ON requests (provider_id, request_id);
CREATE INDEX requests_model ON requests (model, request_id);
CREATE INDEX requests_status ON requests (status, request_id);
CREATE INDEX requests_session ON requests (session_id, request_id);
-- Few rows wait for a price; the others cost this index nothing.
CREATE INDEX requests_unpriced ON requests (request_id) WHERE unbilled = 'unpriced';

-- Makes the partition of one month; rows that lie in the default partition move over. Returns 1
-- when it made one.
CREATE FUNCTION make_requests_partition(partition_name TEXT, from_id BYTEA, to_id BYTEA)
RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN 0;
    END IF;
    LOCK TABLE requests IN ACCESS EXCLUSIVE MODE;
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE requests INCLUDING ALL)', partition_name);
    EXECUTE format('WITH moved AS (DELETE FROM requests_default WHERE request_id >= $1 AND request_id < $2 RETURNING *) INSERT INTO %I SELECT * FROM moved', partition_name)
        USING from_id, to_id;
    EXECUTE format('ALTER TABLE requests ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition_name, from_id, to_id);
    RETURN 1;
END $$;

CREATE TABLE decision_contexts (
    hash       BYTEA PRIMARY KEY,
    body       JSONB NOT NULL,
    first_seen BIGINT NOT NULL
);

-- A slot is dirty while mark > done. Rows stay, so that marks only ever rise.
CREATE TABLE dirty_slots (
    slot    BIGINT PRIMARY KEY,
    from_id BYTEA NOT NULL,
    to_id   BYTEA NOT NULL,
    mark    BIGINT NOT NULL,
    done    BIGINT NOT NULL
);

CREATE TABLE rollups (
    slot                  BIGINT NOT NULL,
    user_id               BIGINT NOT NULL,
    key_id                BIGINT NOT NULL,
    provider_id           BIGINT NOT NULL,
    model                 TEXT COLLATE "C" NOT NULL,
    group_name            TEXT COLLATE "C" NOT NULL,
    requests              BIGINT NOT NULL,
    errors                BIGINT NOT NULL,
    unmetered             BIGINT NOT NULL,
    unpriced              BIGINT NOT NULL,
    input_tokens          BIGINT NOT NULL,
    output_tokens         BIGINT NOT NULL,
    reasoning_tokens      BIGINT NOT NULL,
    cache_write_5m_tokens BIGINT NOT NULL,
    cache_write_1h_tokens BIGINT NOT NULL,
    cache_read_tokens     BIGINT NOT NULL,
    image_input_tokens    BIGINT NOT NULL,
    image_output_tokens   BIGINT NOT NULL,
    cost                  BIGINT NOT NULL,
    list_cost             BIGINT NOT NULL,
    duration_ms           BIGINT NOT NULL,
    PRIMARY KEY (slot, user_id, key_id, provider_id, model, group_name)
);

CREATE TABLE rollup_latencies (
    slot        BIGINT NOT NULL,
    provider_id BIGINT NOT NULL,
    model       TEXT COLLATE "C" NOT NULL,
    measure     TEXT COLLATE "C" NOT NULL CHECK (measure IN ('duration', 'first_content')),
    bucket      BIGINT NOT NULL,
    requests    BIGINT NOT NULL,
    PRIMARY KEY (slot, provider_id, model, measure, bucket)
);

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
SELECT encode(r.request_id, 'hex') AS request_id, to_timestamp(r.started_at / 1000000.0) AS started, u.name AS user_name,
       k.name AS key_name, p.name AS provider_name, r.model, r.path, r.status, r.outcome,
       r.input_tokens, r.output_tokens, r.cache_read_tokens,
       r.cache_write_5m_tokens + r.cache_write_1h_tokens AS cache_write_tokens,
       r.cost / 1000000000.0 AS usd, r.unbilled, r.duration_ms, r.retries, r.session_id, r.error
FROM requests r
LEFT JOIN users u ON u.id = r.user_id
LEFT JOIN user_keys k ON k.id = r.key_id
LEFT JOIN providers p ON p.id = r.provider_id;

CREATE VIEW v_spend_daily AS
SELECT to_char(to_timestamp(s.slot / 1000000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day_utc,
       u.name AS user_name, p.name AS provider_name, s.model,
       SUM(s.requests) AS requests, SUM(s.errors) AS errors, SUM(s.cost) / 1000000000.0 AS usd
FROM figures s
LEFT JOIN users u ON u.id = s.user_id
LEFT JOIN providers p ON p.id = s.provider_id
GROUP BY 1, 2, 3, 4;
