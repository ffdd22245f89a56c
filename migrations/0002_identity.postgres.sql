-- migrations/0002_identity.postgres.sql
-- Room:   studio/identity, ops       Twin: 0002_identity.sqlite.sql
-- Adds:   users roles user_roles user_status_history service_tokens action_proposals auth_failures
-- Units:  max_amount_cents counts minor units of max_amount_currency; *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE users (
  id                  uuid             NOT NULL PRIMARY KEY,
  email               text COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  status              text COLLATE "C" NOT NULL CHECK (status IN ('PENDING', 'ACTIVE', 'DISABLED')),
  display_name        text COLLATE "C",
  bio                 text COLLATE "C",
  profile_picture_url text COLLATE "C",
  version             bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          timestamptz(3)   NOT NULL,
  updated_at          timestamptz(3)   NOT NULL
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE roles (
  id        uuid             NOT NULL PRIMARY KEY,
  name      text COLLATE "C" NOT NULL UNIQUE CHECK (name IN ('USER', 'ADMIN', 'SUPER_ADMIN', 'AFFILIATE', 'APPRENTICE',
                      'ASSOCIATE', 'CERTIFIED_CONSULTANT', 'STAFF', 'MAESTRO', 'CLIENT', 'SUBSCRIBER')),
  protected boolean          NOT NULL DEFAULT false         -- granted by two people only
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON roles FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE user_roles (
  user_id    uuid           NOT NULL REFERENCES users (id),
  role_id    uuid           NOT NULL REFERENCES roles (id),
  granted_at timestamptz(3) NOT NULL,
  granted_by uuid           REFERENCES users (id),          -- null: no user, see the audit row
  PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_roles_by_role ON user_roles (role_id);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON user_roles FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE user_status_history (
  id          uuid             NOT NULL PRIMARY KEY,
  user_id     uuid             NOT NULL REFERENCES users (id),
  from_status text COLLATE "C" CHECK (from_status IN ('PENDING', 'ACTIVE', 'DISABLED')),  -- null at creation
  to_status   text COLLATE "C" NOT NULL CHECK (to_status IN ('PENDING', 'ACTIVE', 'DISABLED')),
  note        text COLLATE "C",
  changed_at  timestamptz(3)   NOT NULL,
  changed_by  uuid             REFERENCES users (id),       -- null: no user acted
  actor       text COLLATE "C" NOT NULL,                    -- operator:root, a token id or a user id
  token_id    text COLLATE "C",
  request_id  text COLLATE "C" NOT NULL,
  operation   text COLLATE "C" NOT NULL
);
CREATE INDEX user_status_history_by_user ON user_status_history (user_id);
CREATE TRIGGER user_status_history_no_update BEFORE UPDATE ON user_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: user_status_history');
CREATE TRIGGER user_status_history_no_delete BEFORE DELETE ON user_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: user_status_history');
CREATE TRIGGER user_status_history_no_truncate BEFORE TRUNCATE ON user_status_history
EXECUTE FUNCTION steward_refuse('append_only: user_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON user_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE service_tokens (
  id                  uuid             NOT NULL PRIMARY KEY,
  prefix              text COLLATE "C" NOT NULL UNIQUE CHECK (length(prefix) = 12),  -- the public half: stw_<prefix>_<secret>
  secret_hash         text COLLATE "C" NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
  name                text COLLATE "C" NOT NULL CHECK (length(name) > 0),
  kind                text COLLATE "C" NOT NULL CHECK (kind IN ('PERSON', 'AGENT', 'JOB')),
  user_id             uuid             REFERENCES users (id),  -- whom a PERSON token acts as
  scopes              jsonb            NOT NULL,            -- canonical JSON array: ["events:write"]
  workspace           text COLLATE "C",                     -- the only tenant it reaches; null: all
  max_amount_cents    bigint           CHECK (max_amount_cents BETWEEN 1 AND 9007199254740991),
  max_amount_currency text COLLATE "C" CHECK (length(max_amount_currency) = 3
                              AND max_amount_currency = upper(max_amount_currency)),
  max_amount_per      text COLLATE "C" CHECK (max_amount_per IN ('CALL', 'DAY', 'WEEK', 'MONTH')),
  expires_at          timestamptz(3)   NOT NULL,
  created_by          text COLLATE "C" NOT NULL,            -- an actor: operator:root, a token id or a user id
  created_at          timestamptz(3)   NOT NULL,
  last_used_at        timestamptz(3),                       -- touched by writes only
  revoked_at          timestamptz(3),
  revoked_by          text COLLATE "C",                     -- an actor
  CHECK (kind <> 'PERSON' OR user_id IS NOT NULL),
  CHECK ((max_amount_cents IS NULL) = (max_amount_currency IS NULL)),
  CHECK ((max_amount_cents IS NULL) = (max_amount_per IS NULL))
);
CREATE INDEX service_tokens_by_user ON service_tokens (user_id) WHERE user_id IS NOT NULL;
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON service_tokens FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- A high-risk call waiting for a person: an agent's, or the first of two people's.
CREATE TABLE action_proposals (
  id                  uuid             NOT NULL PRIMARY KEY,
  operation           text COLLATE "C" NOT NULL CHECK (length(operation) > 0),
  subject             text COLLATE "C",                     -- the record it is about, as a person would type it
  payload             jsonb            NOT NULL,            -- the call, canonical JSON
  payload_hash        text COLLATE "C" NOT NULL CHECK (length(payload_hash) = 64),
  risk_level          text COLLATE "C" NOT NULL CHECK (risk_level IN ('LOW', 'MEDIUM', 'HIGH')),
  reason              text COLLATE "C" NOT NULL CHECK (reason IN ('agent', 'two_person')),
  status              text COLLATE "C" NOT NULL DEFAULT 'PENDING'
                              CHECK (status IN ('PENDING', 'APPROVED', 'DENIED', 'EXPIRED', 'CANCELLED')),
  proposed_by_type    text COLLATE "C" NOT NULL
                              CHECK (proposed_by_type IN ('USER', 'OPERATOR', 'AGENT', 'SERVICE', 'ANONYMOUS')),
  proposed_by         text COLLATE "C" NOT NULL,            -- an actor
  proposed_token_id   uuid             REFERENCES service_tokens (id),
  proposed_by_user_id uuid             REFERENCES users (id),  -- the person behind the proposer: may not review
  proposed_at         timestamptz(3)   NOT NULL,
  expires_at          timestamptz(3)   NOT NULL,
  reviewed_by         uuid             REFERENCES users (id),
  reviewed_actor      text COLLATE "C",                     -- set also where the reviewer is no user
  reviewed_at         timestamptz(3),
  rationale           text COLLATE "C",
  result              jsonb,                                -- canonical JSON, once executed
  request_id          text COLLATE "C" NOT NULL,            -- of the call that filed it
  version             bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  CHECK (status NOT IN ('APPROVED', 'DENIED') OR (reviewed_at IS NOT NULL AND reviewed_actor IS NOT NULL))
);
CREATE INDEX action_proposals_by_status ON action_proposals (status, expires_at);
CREATE INDEX action_proposals_by_token ON action_proposals (proposed_token_id) WHERE proposed_token_id IS NOT NULL;

-- What is executed is what was reviewed.
CREATE TRIGGER action_proposals_immutable
BEFORE UPDATE OF id, operation, subject, payload, payload_hash, risk_level, reason, proposed_by_type, proposed_by,
  proposed_token_id, proposed_by_user_id, proposed_at ON action_proposals FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.operation <> OLD.operation OR NEW.subject IS DISTINCT FROM OLD.subject
  OR NEW.payload <> OLD.payload OR NEW.payload_hash <> OLD.payload_hash OR NEW.risk_level <> OLD.risk_level
  OR NEW.reason <> OLD.reason OR NEW.proposed_by_type <> OLD.proposed_by_type OR NEW.proposed_by <> OLD.proposed_by
  OR NEW.proposed_token_id IS DISTINCT FROM OLD.proposed_token_id
  OR NEW.proposed_by_user_id IS DISTINCT FROM OLD.proposed_by_user_id OR NEW.proposed_at <> OLD.proposed_at)
EXECUTE FUNCTION steward_refuse('immutable: action_proposals');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON action_proposals FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- How many refused authentications were recorded, so that a flood can't fill the audit log.
CREATE TABLE auth_failures (
  bucket       text COLLATE "C" NOT NULL PRIMARY KEY,       -- what is counted: a token prefix, a surface
  count        bigint           NOT NULL CHECK (count >= 0),
  window_start timestamptz(3)   NOT NULL
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON auth_failures FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
