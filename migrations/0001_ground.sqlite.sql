-- migrations/0001_ground.sqlite.sql
-- Room:   ops, audit                 Twin: 0001_ground.postgres.sql
-- Adds:   app_migrations db_identity settings idempotency_keys audit_log audit_heads audit_keys
-- Units:  *_at are UTC, RFC 3339, milliseconds; hashes are 64 lower-case hex digits (BLAKE2b-256)
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE app_migrations (
  seq             INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
  name            TEXT    NOT NULL UNIQUE,                  -- the file's name without its ending: 0001_ground
  sha256          TEXT    NOT NULL CHECK (length(sha256) = 64),  -- of the text, comments and white space normalised
  applied_at      TEXT    NOT NULL CHECK (applied_at LIKE '____-__-__T__:__:__.___Z'),
  duration_ms     INTEGER NOT NULL CHECK (duration_ms >= 0),
  steward_version TEXT    NOT NULL
) STRICT;

CREATE TABLE db_identity (
  id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),  -- there is one row
  environment TEXT    NOT NULL CHECK (environment IN ('local', 'staging', 'prod')),
  instance_id TEXT    NOT NULL CHECK (length(instance_id) = 36),
  created_at  TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;

CREATE TABLE settings (
  key        TEXT    NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
  value      TEXT    NOT NULL,                              -- ciphertext when sensitive = 1
  sensitive  INTEGER NOT NULL DEFAULT 0 CHECK (sensitive IN (0, 1)),
  updated_at TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;

CREATE TABLE idempotency_keys (
  actor        TEXT NOT NULL,                               -- operator:<login>, a token id or a user id
  key          TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  operation    TEXT NOT NULL,                               -- invoices.issue
  request_hash TEXT NOT NULL CHECK (length(request_hash) = 64),
  answer       TEXT NOT NULL,                               -- canonical JSON, secrets left out
  request_id   TEXT NOT NULL,
  created_at   TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  expires_at   TEXT NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
  PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- One row an operation, chained by hash. `audit verify` recomputes what the triggers can't see.
CREATE TABLE audit_log (
  id          TEXT    NOT NULL UNIQUE CHECK (length(id) = 36),
  chain       TEXT    NOT NULL CHECK (length(chain) > 0),   -- 'studio', or a workspace's id
  seq         INTEGER NOT NULL CHECK (seq >= 1),            -- gapless within its chain
  actor_type  TEXT    NOT NULL CHECK (actor_type IN ('USER', 'OPERATOR', 'AGENT', 'SERVICE', 'ANONYMOUS')),
  actor_id    TEXT,                                         -- no foreign key: it outlives what it names
  token_id    TEXT,
  action      TEXT    NOT NULL CHECK (length(action) > 0),  -- the operation's name
  target_type TEXT    NOT NULL CHECK (length(target_type) > 0),
  target_id   TEXT    NOT NULL CHECK (length(target_id) > 0),
  request_id  TEXT    NOT NULL,
  metadata    TEXT    NOT NULL DEFAULT '{}',                -- canonical JSON, no secrets, no e-mail addresses
  created_at  TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  prev_hash   TEXT    NOT NULL CHECK (length(prev_hash) = 64),   -- 64 zeros at seq 1
  hash        TEXT    NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (chain, seq)
) STRICT;
CREATE INDEX audit_log_by_action ON audit_log (action, created_at);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, created_at);
CREATE INDEX audit_log_by_target ON audit_log (target_type, target_id);

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'append_only: audit_log'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'append_only: audit_log'); END;

-- The last link of each chain: locked last and briefly, and what a checkpoint signs.
CREATE TABLE audit_heads (
  chain TEXT    NOT NULL PRIMARY KEY CHECK (length(chain) > 0),
  seq   INTEGER NOT NULL CHECK (seq >= 0),                  -- 0 before the first row
  hash  TEXT    NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TRIGGER audit_heads_forward_only BEFORE UPDATE ON audit_heads
WHEN NEW.chain <> OLD.chain OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)
BEGIN SELECT RAISE(ABORT, 'append_only: audit_heads'); END;
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'append_only: audit_heads'); END;

CREATE TABLE audit_keys (
  public_key TEXT NOT NULL PRIMARY KEY CHECK (length(public_key) = 64),  -- Ed25519, hex
  created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  retired_at TEXT          CHECK (retired_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;

-- An old checkpoint is checked with the key that signed it.
CREATE TRIGGER audit_keys_no_delete BEFORE DELETE ON audit_keys
BEGIN SELECT RAISE(ABORT, 'append_only: audit_keys'); END;
