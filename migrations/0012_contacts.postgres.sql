-- migrations/0012_contacts.postgres.sql
-- Room:   studio/contacts, offers    Twin: 0012_contacts.sqlite.sql
-- Adds:   contacts contact_status_history contact_merges, intake_requests.contact_id; an offer keeps the currency that
--         proposals and packages name
-- Needs:  0002 (users), 0003 (offers), 0004 (intake_requests), 0006 (proposals), 0009 (offer_packages)
-- Units:  country is ISO 3166-1 alpha-2; *_at are instants, to the millisecond. Inquiries from before have no contact until
--         'contacts link-intake' makes them one: SQL makes no ids
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE contacts (
  id             uuid             NOT NULL PRIMARY KEY,
  email          text COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  full_name      text COLLATE "C" CHECK (length(full_name) > 0),
  user_id        uuid             REFERENCES users (id),             -- their own account
  notes          text COLLATE "C" CHECK (length(notes) > 0),
  assigned_to    uuid             REFERENCES users (id),             -- who looks after them
  source         text COLLATE "C" NOT NULL CHECK (source IN ('AGENT', 'FORM', 'REFERRAL', 'MANUAL', 'IMPORT')),
  status         text COLLATE "C" NOT NULL CHECK (status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  -- whom documents are made out to
  legal_name     text COLLATE "C" CHECK (length(legal_name) > 0),
  address        text COLLATE "C" CHECK (length(address) > 0),
  country        text COLLATE "C" CHECK (length(country) = 2 AND country = upper(country)),
  tax_id         text COLLATE "C" CHECK (length(tax_id) > 0),
  billing_email  text COLLATE "C" CHECK (billing_email = lower(billing_email) AND length(billing_email) BETWEEN 3 AND 254),
  merged_into_id uuid             REFERENCES contacts (id),          -- while set, the row stands still
  created_by     uuid             REFERENCES users (id),
  version        bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at     timestamptz(3)   NOT NULL,
  updated_at     timestamptz(3)   NOT NULL,
  CHECK (merged_into_id <> id)
);
CREATE INDEX contacts_by_tail ON contacts (substr(CAST(id AS text), 31));
CREATE INDEX contacts_by_status ON contacts (status);
CREATE UNIQUE INDEX contacts_once_a_user ON contacts (user_id) WHERE user_id IS NOT NULL AND merged_into_id IS NULL;
CREATE INDEX contacts_by_user ON contacts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX contacts_by_assignee ON contacts (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX contacts_by_survivor ON contacts (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE TRIGGER contacts_no_delete BEFORE DELETE ON contacts FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: contacts');
CREATE TRIGGER contacts_no_truncate BEFORE TRUNCATE ON contacts
EXECUTE FUNCTION steward_refuse('no_delete: contacts');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON contacts FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE contact_status_history (
  id          uuid             NOT NULL PRIMARY KEY,
  contact_id  uuid             NOT NULL REFERENCES contacts (id),
  from_status text COLLATE "C" CHECK (from_status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  to_status   text COLLATE "C" NOT NULL CHECK (to_status IN ('LEAD', 'QUALIFIED', 'ONBOARDING', 'ACTIVE', 'CHURNED')),
  note        text COLLATE "C",
  changed_at  timestamptz(3)   NOT NULL,
  changed_by  uuid             REFERENCES users (id),
  actor       text COLLATE "C" NOT NULL,
  token_id    text COLLATE "C",
  request_id  text COLLATE "C" NOT NULL,
  operation   text COLLATE "C" NOT NULL
);
CREATE INDEX contact_status_history_by_contact ON contact_status_history (contact_id);
CREATE TRIGGER contact_status_history_no_update BEFORE UPDATE ON contact_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: contact_status_history');
CREATE TRIGGER contact_status_history_no_delete BEFORE DELETE ON contact_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: contact_status_history');
CREATE TRIGGER contact_status_history_no_truncate BEFORE TRUNCATE ON contact_status_history
EXECUTE FUNCTION steward_refuse('append_only: contact_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON contact_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- Why two contacts became one, and all that it takes to take them apart again: names of fields and ids, no values, as a
-- merged contact stands still.
CREATE TABLE contact_merges (
  id              uuid             NOT NULL PRIMARY KEY,
  from_contact_id uuid             NOT NULL REFERENCES contacts (id),
  into_contact_id uuid             NOT NULL REFERENCES contacts (id),
  reason          text COLLATE "C" NOT NULL CHECK (length(reason) > 0),
  moved           jsonb            NOT NULL,  -- canonical JSON: table -> ids of the rows that changed hands
  filled          jsonb            NOT NULL,  -- canonical JSON array: fields that the survivor took over
  kept            jsonb            NOT NULL,  -- canonical JSON array: fields of the other that it did not take
  merged_at       timestamptz(3)   NOT NULL,
  merged_by       uuid             REFERENCES users (id),
  actor           text COLLATE "C" NOT NULL,
  token_id        text COLLATE "C",
  request_id      text COLLATE "C" NOT NULL,
  operation       text COLLATE "C" NOT NULL,
  undone_at       timestamptz(3),
  undone_by       uuid             REFERENCES users (id),
  undone_actor    text COLLATE "C",
  undone_note     text COLLATE "C",
  CHECK (from_contact_id <> into_contact_id),
  CHECK ((undone_at IS NULL) = (undone_actor IS NULL))
);
CREATE UNIQUE INDEX contact_merges_once ON contact_merges (from_contact_id) WHERE undone_at IS NULL;
CREATE INDEX contact_merges_by_from ON contact_merges (from_contact_id);
CREATE INDEX contact_merges_by_into ON contact_merges (into_contact_id);
CREATE TRIGGER contact_merges_immutable
BEFORE UPDATE OF id, from_contact_id, into_contact_id, reason, moved, filled, kept, merged_at ON contact_merges
FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.from_contact_id <> OLD.from_contact_id OR NEW.into_contact_id <> OLD.into_contact_id
  OR NEW.reason <> OLD.reason OR NEW.moved <> OLD.moved OR NEW.filled <> OLD.filled OR NEW.kept <> OLD.kept
  OR NEW.merged_at <> OLD.merged_at)
EXECUTE FUNCTION steward_refuse('immutable: contact_merges');
CREATE TRIGGER contact_merges_final BEFORE UPDATE ON contact_merges FOR EACH ROW
WHEN (OLD.undone_at IS NOT NULL)
EXECUTE FUNCTION steward_refuse('immutable: contact_merges');
CREATE TRIGGER contact_merges_no_delete BEFORE DELETE ON contact_merges FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: contact_merges');
CREATE TRIGGER contact_merges_no_truncate BEFORE TRUNCATE ON contact_merges
EXECUTE FUNCTION steward_refuse('no_delete: contact_merges');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON contact_merges FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

ALTER TABLE intake_requests ADD COLUMN contact_id uuid REFERENCES contacts (id);
CREATE INDEX intake_requests_by_contact ON intake_requests (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX intake_requests_unlinked ON intake_requests (contact_email) WHERE contact_id IS NULL;

-- An offer keeps the currency that a proposal was made in, and that a package on sale is priced in.
CREATE FUNCTION offers_currency_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.currency <> OLD.currency AND (EXISTS (SELECT 1 FROM proposals WHERE proposals.offer_slug = OLD.slug)
    OR EXISTS (SELECT 1 FROM offer_packages WHERE offer_packages.offer_id = OLD.id AND offer_packages.currency IS NOT NULL
      AND offer_packages.removed_at IS NULL)) THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offers_currency_named BEFORE UPDATE OF currency ON offers FOR EACH ROW
EXECUTE FUNCTION offers_currency_named('immutable: offers');
