-- migrations/0002_identity.sqlite.sql
-- Room:   studio/identity, ops       Twin: 0002_identity.postgres.sql
-- Adds:   users roles user_roles user_status_history service_tokens action_proposals auth_failures
-- Units:  max_amount_cents counts minor units of max_amount_currency; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE users (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  email               TEXT    NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  status              TEXT    NOT NULL CHECK (status IN ('PENDING', 'ACTIVE', 'DISABLED')),
  display_name        TEXT,
  bio                 TEXT,
  profile_picture_url TEXT,
  version             INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at          TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;

CREATE TABLE roles (
  id        TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  name      TEXT    NOT NULL UNIQUE CHECK (name IN ('USER', 'ADMIN', 'SUPER_ADMIN', 'AFFILIATE', 'APPRENTICE', 'ASSOCIATE',
                      'CERTIFIED_CONSULTANT', 'STAFF', 'MAESTRO', 'CLIENT', 'SUBSCRIBER')),
  protected INTEGER NOT NULL DEFAULT 0 CHECK (protected IN (0, 1))  -- granted by two people only
) STRICT;

CREATE TABLE user_roles (
  user_id    TEXT NOT NULL REFERENCES users (id),
  role_id    TEXT NOT NULL REFERENCES roles (id),
  granted_at TEXT NOT NULL CHECK (granted_at LIKE '____-__-__T__:__:__.___Z'),
  granted_by TEXT REFERENCES users (id),                    -- null: no user, see the audit row
  PRIMARY KEY (user_id, role_id)
) STRICT;
CREATE INDEX user_roles_by_role ON user_roles (role_id);

CREATE TABLE user_status_history (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  user_id     TEXT NOT NULL REFERENCES users (id),
  from_status TEXT          CHECK (from_status IN ('PENDING', 'ACTIVE', 'DISABLED')),  -- null at creation
  to_status   TEXT NOT NULL CHECK (to_status IN ('PENDING', 'ACTIVE', 'DISABLED')),
  note        TEXT,
  changed_at  TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by  TEXT REFERENCES users (id),                   -- null: no user acted
  actor       TEXT NOT NULL,                                -- operator:root, a token id or a user id
  token_id    TEXT,
  request_id  TEXT NOT NULL,
  operation   TEXT NOT NULL
) STRICT;
CREATE INDEX user_status_history_by_user ON user_status_history (user_id);
CREATE TRIGGER user_status_history_no_update BEFORE UPDATE ON user_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: user_status_history'); END;
CREATE TRIGGER user_status_history_no_delete BEFORE DELETE ON user_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: user_status_history'); END;

CREATE TABLE service_tokens (
  id                  TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  prefix              TEXT NOT NULL UNIQUE CHECK (length(prefix) = 12),       -- the public half: stw_<prefix>_<secret>
  secret_hash         TEXT NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
  name                TEXT NOT NULL CHECK (length(name) > 0),
  kind                TEXT NOT NULL CHECK (kind IN ('PERSON', 'AGENT', 'JOB')),
  user_id             TEXT REFERENCES users (id),           -- whom a PERSON token acts as
  scopes              TEXT NOT NULL,                        -- canonical JSON array: ["events:write"]
  workspace           TEXT,                                 -- the only tenant it reaches; null: all
  max_amount_cents    INTEGER CHECK (max_amount_cents BETWEEN 1 AND 9007199254740991),
  max_amount_currency TEXT CHECK (length(max_amount_currency) = 3 AND max_amount_currency = upper(max_amount_currency)),
  max_amount_per      TEXT CHECK (max_amount_per IN ('CALL', 'DAY', 'WEEK', 'MONTH')),
  expires_at          TEXT NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
  created_by          TEXT NOT NULL,                        -- an actor: operator:root, a token id or a user id
  created_at          TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  last_used_at        TEXT CHECK (last_used_at LIKE '____-__-__T__:__:__.___Z'),  -- touched by writes only
  revoked_at          TEXT CHECK (revoked_at LIKE '____-__-__T__:__:__.___Z'),
  revoked_by          TEXT,                                 -- an actor
  CHECK (kind <> 'PERSON' OR user_id IS NOT NULL),
  CHECK ((max_amount_cents IS NULL) = (max_amount_currency IS NULL)),
  CHECK ((max_amount_cents IS NULL) = (max_amount_per IS NULL))
) STRICT;
CREATE INDEX service_tokens_by_user ON service_tokens (user_id) WHERE user_id IS NOT NULL;

-- A high-risk call waiting for a person: an agent's, or the first of two people's.
CREATE TABLE action_proposals (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  operation           TEXT    NOT NULL CHECK (length(operation) > 0),
  subject             TEXT,                                 -- the record it is about, as a person would type it
  payload             TEXT    NOT NULL,                     -- the call, canonical JSON
  payload_hash        TEXT    NOT NULL CHECK (length(payload_hash) = 64),
  risk_level          TEXT    NOT NULL CHECK (risk_level IN ('LOW', 'MEDIUM', 'HIGH')),
  reason              TEXT    NOT NULL CHECK (reason IN ('agent', 'two_person')),
  status              TEXT    NOT NULL DEFAULT 'PENDING'
                              CHECK (status IN ('PENDING', 'APPROVED', 'DENIED', 'EXPIRED', 'CANCELLED')),
  proposed_by_type    TEXT    NOT NULL CHECK (proposed_by_type IN ('USER', 'OPERATOR', 'AGENT', 'SERVICE', 'ANONYMOUS')),
  proposed_by         TEXT    NOT NULL,                     -- an actor
  proposed_token_id   TEXT    REFERENCES service_tokens (id),
  proposed_by_user_id TEXT    REFERENCES users (id),        -- the person behind the proposer: may not review
  proposed_at         TEXT    NOT NULL CHECK (proposed_at LIKE '____-__-__T__:__:__.___Z'),
  expires_at          TEXT    NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
  reviewed_by         TEXT    REFERENCES users (id),
  reviewed_actor      TEXT,                                 -- set also where the reviewer is no user
  reviewed_at         TEXT    CHECK (reviewed_at LIKE '____-__-__T__:__:__.___Z'),
  rationale           TEXT,
  result              TEXT,                                 -- canonical JSON, once executed
  request_id          TEXT    NOT NULL,                     -- of the call that filed it
  version             INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  CHECK (status NOT IN ('APPROVED', 'DENIED') OR (reviewed_at IS NOT NULL AND reviewed_actor IS NOT NULL))
) STRICT;
CREATE INDEX action_proposals_by_status ON action_proposals (status, expires_at);
CREATE INDEX action_proposals_by_token ON action_proposals (proposed_token_id) WHERE proposed_token_id IS NOT NULL;

-- What is executed is what was reviewed.
CREATE TRIGGER action_proposals_immutable
BEFORE UPDATE OF id, operation, subject, payload, payload_hash, risk_level, reason, proposed_by_type, proposed_by,
  proposed_token_id, proposed_by_user_id, proposed_at ON action_proposals
WHEN NEW.id <> OLD.id OR NEW.operation <> OLD.operation OR NEW.subject IS DISTINCT FROM OLD.subject
  OR NEW.payload <> OLD.payload OR NEW.payload_hash <> OLD.payload_hash OR NEW.risk_level <> OLD.risk_level
  OR NEW.reason <> OLD.reason OR NEW.proposed_by_type <> OLD.proposed_by_type OR NEW.proposed_by <> OLD.proposed_by
  OR NEW.proposed_token_id IS DISTINCT FROM OLD.proposed_token_id
  OR NEW.proposed_by_user_id IS DISTINCT FROM OLD.proposed_by_user_id OR NEW.proposed_at <> OLD.proposed_at
BEGIN SELECT RAISE(ABORT, 'immutable: action_proposals'); END;

-- How many refused authentications were recorded, so that a flood can't fill the audit log.
CREATE TABLE auth_failures (
  bucket       TEXT    NOT NULL PRIMARY KEY,                -- what is counted: a token prefix, a surface
  count        INTEGER NOT NULL CHECK (count >= 0),
  window_start TEXT    NOT NULL CHECK (window_start LIKE '____-__-__T__:__:__.___Z')
) STRICT;
