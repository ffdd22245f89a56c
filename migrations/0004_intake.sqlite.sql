-- migrations/0004_intake.sqlite.sql
-- Room:   studio/intake              Twin: 0004_intake.postgres.sql
-- Adds:   intake_requests intake_status_history intake_notes      Needs: 0002 (users), 0003 (offers)
-- Units:  *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE intake_requests (
  id                TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  audience          TEXT    NOT NULL CHECK (audience IN ('INDIVIDUAL', 'ORGANIZATION', 'TEAM', 'ENTERPRISE')),
  contact_name      TEXT    NOT NULL CHECK (length(contact_name) > 0),
  contact_email     TEXT    NOT NULL CHECK (contact_email = lower(contact_email) AND length(contact_email) BETWEEN 3 AND 254),
  organization_name TEXT,
  goals             TEXT    NOT NULL CHECK (length(goals) > 0),
  goals_hash        TEXT    NOT NULL CHECK (length(goals_hash) = 64),  -- with contact_email: the same request within 24 h
  timeline          TEXT,
  constraints       TEXT,
  status            TEXT    NOT NULL CHECK (status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  priority          INTEGER NOT NULL DEFAULT 50,            -- higher comes first
  offer_slug        TEXT    REFERENCES offers (slug),
  owner_user_id     TEXT    REFERENCES users (id),
  referral_code     TEXT,                                   -- as given; resolved once, at submission
  referrer_user_id  TEXT    REFERENCES users (id),
  attribution_error TEXT,                                   -- why the code attributed nobody
  version           INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at        TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;
CREATE INDEX intake_requests_by_email ON intake_requests (contact_email, goals_hash, created_at);
CREATE INDEX intake_requests_by_status ON intake_requests (status, priority);
CREATE INDEX intake_requests_by_owner ON intake_requests (owner_user_id) WHERE owner_user_id IS NOT NULL;
CREATE INDEX intake_requests_by_offer ON intake_requests (offer_slug) WHERE offer_slug IS NOT NULL;
CREATE INDEX intake_requests_by_referrer ON intake_requests (referrer_user_id) WHERE referrer_user_id IS NOT NULL;

CREATE TABLE intake_status_history (
  id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  intake_request_id TEXT NOT NULL REFERENCES intake_requests (id),
  from_status       TEXT          CHECK (from_status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  to_status         TEXT NOT NULL CHECK (to_status IN ('NEW', 'TRIAGED', 'QUALIFIED', 'BOOKED', 'LOST')),
  note              TEXT,
  changed_at        TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by        TEXT REFERENCES users (id),
  actor             TEXT NOT NULL,
  token_id          TEXT,
  request_id        TEXT NOT NULL,
  operation         TEXT NOT NULL
) STRICT;
CREATE INDEX intake_status_history_by_intake ON intake_status_history (intake_request_id);
CREATE TRIGGER intake_status_history_no_update BEFORE UPDATE ON intake_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: intake_status_history'); END;
CREATE TRIGGER intake_status_history_no_delete BEFORE DELETE ON intake_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: intake_status_history'); END;

-- What was said without moving the status.
CREATE TABLE intake_notes (
  id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  intake_request_id TEXT NOT NULL REFERENCES intake_requests (id),
  note              TEXT NOT NULL CHECK (length(note) > 0),
  created_at        TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  created_by        TEXT REFERENCES users (id),
  actor             TEXT NOT NULL,
  token_id          TEXT,
  request_id        TEXT NOT NULL,
  operation         TEXT NOT NULL
) STRICT;
CREATE INDEX intake_notes_by_intake ON intake_notes (intake_request_id);
CREATE TRIGGER intake_notes_no_update BEFORE UPDATE ON intake_notes
BEGIN SELECT RAISE(ABORT, 'append_only: intake_notes'); END;
CREATE TRIGGER intake_notes_no_delete BEFORE DELETE ON intake_notes
BEGIN SELECT RAISE(ABORT, 'append_only: intake_notes'); END;
