-- migrations/0004_intake.postgres.sql
-- Room:   studio/intake              Twin: 0004_intake.sqlite.sql
-- Adds:   intake_requests intake_status_history intake_notes      Needs: 0002 (users), 0003 (offers)
-- Units:  *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE intake_requests (
  id                uuid             NOT NULL PRIMARY KEY,
  audience          text COLLATE "C" NOT NULL CHECK (audience IN ('INDIVIDUAL', 'ORGANIZATION', 'TEAM', 'ENTERPRISE')),
  contact_name      text COLLATE "C" NOT NULL CHECK (length(contact_name) > 0),
  contact_email     text COLLATE "C" NOT NULL CHECK (contact_email = lower(contact_email)
                               AND length(contact_email) BETWEEN 3 AND 254),
  organization_name text COLLATE "C",
  goals             text COLLATE "C" NOT NULL CHECK (length(goals) > 0),
  goals_hash        text COLLATE "C" NOT NULL CHECK (length(goals_hash) = 64),  -- with contact_email: the same request within 24 h
  timeline          text COLLATE "C",
  constraints       text COLLATE "C",
  status            text COLLATE "C" NOT NULL CHECK (status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  priority          bigint           NOT NULL DEFAULT 50,   -- higher comes first
  offer_slug        text COLLATE "C" REFERENCES offers (slug),
  owner_user_id     uuid             REFERENCES users (id),
  referral_code     text COLLATE "C",                       -- as given; resolved once, at submission
  referrer_user_id  uuid             REFERENCES users (id),
  attribution_error text COLLATE "C",                       -- why the code attributed nobody
  version           bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        timestamptz(3)   NOT NULL,
  updated_at        timestamptz(3)   NOT NULL
);
CREATE INDEX intake_requests_by_email ON intake_requests (contact_email, goals_hash, created_at);
CREATE INDEX intake_requests_by_status ON intake_requests (status, priority);
CREATE INDEX intake_requests_by_owner ON intake_requests (owner_user_id) WHERE owner_user_id IS NOT NULL;
CREATE INDEX intake_requests_by_offer ON intake_requests (offer_slug) WHERE offer_slug IS NOT NULL;
CREATE INDEX intake_requests_by_referrer ON intake_requests (referrer_user_id) WHERE referrer_user_id IS NOT NULL;
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON intake_requests FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE intake_status_history (
  id                uuid             NOT NULL PRIMARY KEY,
  intake_request_id uuid             NOT NULL REFERENCES intake_requests (id),
  from_status       text COLLATE "C" CHECK (from_status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  to_status         text COLLATE "C" NOT NULL CHECK (to_status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  note              text COLLATE "C",
  changed_at        timestamptz(3)   NOT NULL,
  changed_by        uuid             REFERENCES users (id),
  actor             text COLLATE "C" NOT NULL,
  token_id          text COLLATE "C",
  request_id        text COLLATE "C" NOT NULL,
  operation         text COLLATE "C" NOT NULL
);
CREATE INDEX intake_status_history_by_intake ON intake_status_history (intake_request_id);
CREATE TRIGGER intake_status_history_no_update BEFORE UPDATE ON intake_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: intake_status_history');
CREATE TRIGGER intake_status_history_no_delete BEFORE DELETE ON intake_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: intake_status_history');
CREATE TRIGGER intake_status_history_no_truncate BEFORE TRUNCATE ON intake_status_history
EXECUTE FUNCTION steward_refuse('append_only: intake_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON intake_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- What was said without moving the status.
CREATE TABLE intake_notes (
  id                uuid             NOT NULL PRIMARY KEY,
  intake_request_id uuid             NOT NULL REFERENCES intake_requests (id),
  note              text COLLATE "C" NOT NULL CHECK (length(note) > 0),
  created_at        timestamptz(3)   NOT NULL,
  created_by        uuid             REFERENCES users (id),
  actor             text COLLATE "C" NOT NULL,
  token_id          text COLLATE "C",
  request_id        text COLLATE "C" NOT NULL,
  operation         text COLLATE "C" NOT NULL
);
CREATE INDEX intake_notes_by_intake ON intake_notes (intake_request_id);
CREATE TRIGGER intake_notes_no_update BEFORE UPDATE ON intake_notes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: intake_notes');
CREATE TRIGGER intake_notes_no_delete BEFORE DELETE ON intake_notes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: intake_notes');
CREATE TRIGGER intake_notes_no_truncate BEFORE TRUNCATE ON intake_notes
EXECUTE FUNCTION steward_refuse('append_only: intake_notes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON intake_notes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
