-- Sessions that were ended by hand or with a change of their provider: what was bound by a request
-- that came before is not bound again, on any node and after any restart. Rows are forgotten once no
-- such request can be left.

CREATE TABLE session_ends (
    scope  TEXT COLLATE "C" NOT NULL CHECK (scope IN ('session', 'user', 'key', 'provider')),
    target TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (scope, target)
);
CREATE INDEX session_ends_at ON session_ends (at);
