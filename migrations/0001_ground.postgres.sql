-- migrations/0001_ground.postgres.sql
-- Room:   ops, audit                 Twin: 0001_ground.sqlite.sql
-- Adds:   app_migrations db_identity settings idempotency_keys audit_log audit_heads audit_keys
--         steward_refuse() steward_capture(), which triggers call
-- Units:  *_at are instants, to the millisecond; hashes are 64 lower-case hex digits (BLAKE2b-256)
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited

-- Refuses what fired it: its argument is the message, the same as in the SQLite twin (SQLSTATE P0001).
CREATE FUNCTION steward_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
END $$;

-- Writes down what became of a row, for the dry run: whoever switches steward.capture on for a transaction
-- has made the temporary table. Last in each table's order of triggers, hence zz_captured.
CREATE FUNCTION steward_capture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pg_temp.steward_changes (tab, op, old, new)
  VALUES (TG_TABLE_NAME, lower(TG_OP), to_jsonb(OLD), to_jsonb(NEW));
  RETURN NULL;
END $$;

CREATE TABLE app_migrations (
  seq             bigint           NOT NULL PRIMARY KEY CHECK (seq >= 1),
  name            text COLLATE "C" NOT NULL UNIQUE,         -- the file's name without its ending: 0001_ground
  sha256          text COLLATE "C" NOT NULL CHECK (length(sha256) = 64),  -- of the text, comments and white space normalised
  applied_at      timestamptz(3)   NOT NULL,
  duration_ms     bigint           NOT NULL CHECK (duration_ms >= 0),
  steward_version text COLLATE "C" NOT NULL
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON app_migrations FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE db_identity (
  id          bigint           NOT NULL PRIMARY KEY CHECK (id = 1),  -- there is one row
  environment text COLLATE "C" NOT NULL CHECK (environment IN ('local', 'staging', 'prod')),
  instance_id uuid             NOT NULL,
  created_at  timestamptz(3)   NOT NULL
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON db_identity FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE settings (
  key        text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
  value      text COLLATE "C" NOT NULL,                     -- ciphertext when sensitive
  sensitive  boolean          NOT NULL DEFAULT false,
  updated_at timestamptz(3)   NOT NULL
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON settings FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE idempotency_keys (
  actor        text COLLATE "C" NOT NULL,                   -- operator:<login>, a token id or a user id
  key          text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  operation    text COLLATE "C" NOT NULL,                   -- invoices.issue
  request_hash text COLLATE "C" NOT NULL CHECK (length(request_hash) = 64),
  answer       jsonb            NOT NULL,                   -- canonical JSON, secrets left out
  request_id   text COLLATE "C" NOT NULL,
  created_at   timestamptz(3)   NOT NULL,
  expires_at   timestamptz(3)   NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON idempotency_keys FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- One row an operation, chained by hash. `audit verify` recomputes what the triggers can't see.
CREATE TABLE audit_log (
  id          uuid             NOT NULL UNIQUE,
  chain       text COLLATE "C" NOT NULL CHECK (length(chain) > 0),  -- 'studio', or a workspace's id
  seq         bigint           NOT NULL CHECK (seq >= 1),   -- gapless within its chain
  actor_type  text COLLATE "C" NOT NULL CHECK (actor_type IN ('USER', 'OPERATOR', 'AGENT', 'SERVICE', 'ANONYMOUS')),
  actor_id    text COLLATE "C",                             -- no foreign key: it outlives what it names
  token_id    text COLLATE "C",
  action      text COLLATE "C" NOT NULL CHECK (length(action) > 0),  -- the operation's name
  target_type text COLLATE "C" NOT NULL CHECK (length(target_type) > 0),
  target_id   text COLLATE "C" NOT NULL CHECK (length(target_id) > 0),
  request_id  text COLLATE "C" NOT NULL,
  metadata    jsonb            NOT NULL DEFAULT '{}',       -- canonical JSON, no secrets, no e-mail addresses
  created_at  timestamptz(3)   NOT NULL,
  prev_hash   text COLLATE "C" NOT NULL CHECK (length(prev_hash) = 64),  -- 64 zeros at seq 1
  hash        text COLLATE "C" NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_log_by_action ON audit_log (action, created_at);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, created_at);
CREATE INDEX audit_log_by_target ON audit_log (target_type, target_id);

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: audit_log');
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: audit_log');
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
EXECUTE FUNCTION steward_refuse('append_only: audit_log');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON audit_log FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- The last link of each chain: locked last and briefly, and what a checkpoint signs.
CREATE TABLE audit_heads (
  chain text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(chain) > 0),
  seq   bigint           NOT NULL CHECK (seq >= 0),         -- 0 before the first row
  hash  text COLLATE "C" NOT NULL CHECK (length(hash) = 64)
);

CREATE TRIGGER audit_heads_forward_only BEFORE UPDATE ON audit_heads FOR EACH ROW
WHEN (NEW.chain <> OLD.chain OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash))
EXECUTE FUNCTION steward_refuse('append_only: audit_heads');
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: audit_heads');
CREATE TRIGGER audit_heads_no_truncate BEFORE TRUNCATE ON audit_heads
EXECUTE FUNCTION steward_refuse('append_only: audit_heads');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON audit_heads FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE audit_keys (
  public_key text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(public_key) = 64),  -- Ed25519, hex
  created_at timestamptz(3)   NOT NULL,
  retired_at timestamptz(3)
);

-- An old checkpoint is checked with the key that signed it.
CREATE TRIGGER audit_keys_no_delete BEFORE DELETE ON audit_keys FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: audit_keys');
CREATE TRIGGER audit_keys_no_truncate BEFORE TRUNCATE ON audit_keys
EXECUTE FUNCTION steward_refuse('append_only: audit_keys');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON audit_keys FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
