-- migrations/0017_bank.postgres.sql
-- Room:   studio/payments            Twin: 0017_bank.sqlite.sql
-- Adds:   bank_lines
-- Needs:  0006 (payments), 0002 (users)
-- Units:  amount_cents counts minor units of `currency`, money out is below zero; booked_on is a day, as the bank says it
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE bank_lines (
  id             uuid             NOT NULL PRIMARY KEY,
  booked_on      date             NOT NULL,
  amount_cents   bigint           NOT NULL CHECK (amount_cents BETWEEN -9007199254740991 AND 9007199254740991 AND amount_cents <> 0),
  currency       text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  reference      text COLLATE "C" CHECK (length(reference) > 0),
  text           text COLLATE "C" CHECK (length(text) > 0),
  line_hash      text COLLATE "C" NOT NULL CHECK (length(line_hash) = 64),    -- BLAKE2b-256 of all that the bank says
  occurrence     bigint           NOT NULL CHECK (occurrence >= 1),           -- which of its equals in one file it was
  status         text COLLATE "C" NOT NULL CHECK (status IN ('UNMATCHED', 'MATCHED', 'IGNORED')),
  payment_id     uuid             REFERENCES payments (id),                   -- what was recorded of it
  ignored_reason text COLLATE "C" CHECK (length(ignored_reason) > 0),
  imported_by    uuid             REFERENCES users (id),
  version        bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at     timestamptz(3)   NOT NULL,
  updated_at     timestamptz(3)   NOT NULL,
  CHECK ((status = 'MATCHED') = (payment_id IS NOT NULL)),
  CHECK ((status = 'IGNORED') = (ignored_reason IS NOT NULL)),
  CHECK (payment_id IS NULL OR amount_cents > 0)
);
-- The same file again finds its lines here.
CREATE UNIQUE INDEX bank_lines_once ON bank_lines (line_hash, occurrence);
CREATE UNIQUE INDEX bank_lines_once_a_payment ON bank_lines (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX bank_lines_by_status ON bank_lines (status, booked_on);
CREATE INDEX bank_lines_by_tail ON bank_lines (substr(CAST(id AS text), 31));

CREATE TRIGGER bank_lines_immutable
BEFORE UPDATE ON bank_lines FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.booked_on <> OLD.booked_on OR NEW.amount_cents <> OLD.amount_cents
  OR NEW.currency <> OLD.currency OR NEW.reference IS DISTINCT FROM OLD.reference
  OR NEW.text IS DISTINCT FROM OLD.text OR NEW.line_hash <> OLD.line_hash OR NEW.occurrence <> OLD.occurrence
  OR NEW.imported_by IS DISTINCT FROM OLD.imported_by OR NEW.created_at <> OLD.created_at)
EXECUTE FUNCTION steward_refuse('immutable: bank_lines');
CREATE TRIGGER bank_lines_no_delete BEFORE DELETE ON bank_lines FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: bank_lines');
CREATE TRIGGER bank_lines_no_truncate BEFORE TRUNCATE ON bank_lines
EXECUTE FUNCTION steward_refuse('no_delete: bank_lines');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON bank_lines FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
