-- migrations/0012_contacts.sqlite.sql
-- Room:   studio/contacts, offers    Twin: 0012_contacts.postgres.sql
-- Adds:   contacts contact_status_history contact_merges, intake_requests.contact_id; an offer keeps the currency that
--         proposals and packages name
-- Needs:  0002 (users), 0003 (offers), 0004 (intake_requests), 0006 (proposals), 0009 (offer_packages)
-- Units:  country is ISO 3166-1 alpha-2; *_at are UTC, RFC 3339, milliseconds. Inquiries from before have no contact until
--         'contacts link-intake' makes them one: SQL makes no ids
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE contacts (
  id             TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  email          TEXT    NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  full_name      TEXT    CHECK (length(full_name) > 0),
  user_id        TEXT    REFERENCES users (id),             -- their own account
  notes          TEXT    CHECK (length(notes) > 0),
  assigned_to    TEXT    REFERENCES users (id),             -- who looks after them
  source         TEXT    NOT NULL CHECK (source IN ('AGENT', 'FORM', 'REFERRAL', 'MANUAL', 'IMPORT')),
  status         TEXT    NOT NULL CHECK (status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  -- whom documents are made out to
  legal_name     TEXT    CHECK (length(legal_name) > 0),
  address        TEXT    CHECK (length(address) > 0),
  country        TEXT    CHECK (length(country) = 2 AND country = upper(country)),
  tax_id         TEXT    CHECK (length(tax_id) > 0),
  billing_email  TEXT    CHECK (billing_email = lower(billing_email) AND length(billing_email) BETWEEN 3 AND 254),
  merged_into_id TEXT    REFERENCES contacts (id),          -- while set, the row stands still
  created_by     TEXT    REFERENCES users (id),
  version        INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at     TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at     TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (merged_into_id <> id)
) STRICT;
CREATE INDEX contacts_by_tail ON contacts (substr(CAST(id AS text), 31));
CREATE INDEX contacts_by_status ON contacts (status);
CREATE UNIQUE INDEX contacts_once_a_user ON contacts (user_id) WHERE user_id IS NOT NULL AND merged_into_id IS NULL;
CREATE INDEX contacts_by_user ON contacts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX contacts_by_assignee ON contacts (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX contacts_by_survivor ON contacts (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE TRIGGER contacts_no_delete BEFORE DELETE ON contacts
BEGIN SELECT RAISE(ABORT, 'no_delete: contacts'); END;

CREATE TABLE contact_status_history (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  contact_id  TEXT NOT NULL REFERENCES contacts (id),
  from_status TEXT          CHECK (from_status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  to_status   TEXT NOT NULL CHECK (to_status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  note        TEXT,
  changed_at  TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by  TEXT REFERENCES users (id),
  actor       TEXT NOT NULL,
  token_id    TEXT,
  request_id  TEXT NOT NULL,
  operation   TEXT NOT NULL
) STRICT;
CREATE INDEX contact_status_history_by_contact ON contact_status_history (contact_id);
CREATE TRIGGER contact_status_history_no_update BEFORE UPDATE ON contact_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: contact_status_history'); END;
CREATE TRIGGER contact_status_history_no_delete BEFORE DELETE ON contact_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: contact_status_history'); END;

-- Why two contacts became one, and all that it takes to take them apart again: names of fields and ids, no values, as a
-- merged contact stands still.
CREATE TABLE contact_merges (
  id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  from_contact_id TEXT NOT NULL REFERENCES contacts (id),
  into_contact_id TEXT NOT NULL REFERENCES contacts (id),
  reason          TEXT NOT NULL CHECK (length(reason) > 0),
  moved           TEXT NOT NULL,                            -- canonical JSON: table -> ids of the rows that changed hands
  filled          TEXT NOT NULL,                            -- canonical JSON array: fields that the survivor took over
  kept            TEXT NOT NULL,                            -- canonical JSON array: fields of the other that it did not take
  merged_at       TEXT NOT NULL CHECK (merged_at LIKE '____-__-__T__:__:__.___Z'),
  merged_by       TEXT REFERENCES users (id),
  actor           TEXT NOT NULL,
  token_id        TEXT,
  request_id      TEXT NOT NULL,
  operation       TEXT NOT NULL,
  undone_at       TEXT CHECK (undone_at LIKE '____-__-__T__:__:__.___Z'),
  undone_by       TEXT REFERENCES users (id),
  undone_actor    TEXT,
  undone_note     TEXT,
  CHECK (from_contact_id <> into_contact_id),
  CHECK ((undone_at IS NULL) = (undone_actor IS NULL))
) STRICT;
CREATE UNIQUE INDEX contact_merges_once ON contact_merges (from_contact_id) WHERE undone_at IS NULL;
CREATE INDEX contact_merges_by_from ON contact_merges (from_contact_id);
CREATE INDEX contact_merges_by_into ON contact_merges (into_contact_id);
CREATE TRIGGER contact_merges_immutable
BEFORE UPDATE OF id, from_contact_id, into_contact_id, reason, moved, filled, kept, merged_at ON contact_merges
WHEN NEW.id <> OLD.id OR NEW.from_contact_id <> OLD.from_contact_id OR NEW.into_contact_id <> OLD.into_contact_id
  OR NEW.reason <> OLD.reason OR NEW.moved <> OLD.moved OR NEW.filled <> OLD.filled OR NEW.kept <> OLD.kept
  OR NEW.merged_at <> OLD.merged_at
BEGIN SELECT RAISE(ABORT, 'immutable: contact_merges'); END;
CREATE TRIGGER contact_merges_final BEFORE UPDATE ON contact_merges
WHEN OLD.undone_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'immutable: contact_merges'); END;
CREATE TRIGGER contact_merges_no_delete BEFORE DELETE ON contact_merges
BEGIN SELECT RAISE(ABORT, 'no_delete: contact_merges'); END;

ALTER TABLE intake_requests ADD COLUMN contact_id TEXT REFERENCES contacts (id);
CREATE INDEX intake_requests_by_contact ON intake_requests (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX intake_requests_unlinked ON intake_requests (contact_email) WHERE contact_id IS NULL;

-- An offer keeps the currency that a proposal was made in, and that a package on sale is priced in.
CREATE TRIGGER offers_currency_named BEFORE UPDATE OF currency ON offers
WHEN NEW.currency <> OLD.currency AND (EXISTS (SELECT 1 FROM proposals WHERE proposals.offer_slug = OLD.slug)
  OR EXISTS (SELECT 1 FROM offer_packages WHERE offer_packages.offer_id = OLD.id AND offer_packages.currency IS NOT NULL
    AND offer_packages.removed_at IS NULL))
BEGIN SELECT RAISE(ABORT, 'immutable: offers'); END;
