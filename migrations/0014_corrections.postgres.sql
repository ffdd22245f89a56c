-- migrations/0014_corrections.postgres.sql
-- Room:   studio/invoices, payments  Twin: 0014_corrections.sqlite.sql
-- Adds:   credit_notes credit_note_lines credit_note_taxes; invoices.credited_cents; payments.kind, counterpart_id, reason;
--         deal_payments.tax_cents, refunded_tax_cents
-- Needs:  0013 (taxes), 0007 (deal_payments)
-- Units:  *_cents count minor units of the document's currency; quantity_e4 counts ten-thousandths; *_date are days in studio.timezone
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE credit_notes (
  id           uuid             NOT NULL PRIMARY KEY,
  number       text COLLATE "C" NOT NULL UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- a series of its own, gapless within a year
  invoice_id   uuid             NOT NULL REFERENCES invoices (id),
  amount_cents bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- gross: what is no longer asked for
  tax_cents    bigint           NOT NULL CHECK (tax_cents BETWEEN 0 AND 9007199254740991),
  currency     text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the invoice's
  reason       text COLLATE "C" NOT NULL CHECK (length(reason) > 0),
  issue_date   date             NOT NULL,
  created_by   uuid             REFERENCES users (id),
  version      bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at   timestamptz(3)   NOT NULL,
  updated_at   timestamptz(3)   NOT NULL,
  CHECK (tax_cents <= amount_cents)
);
CREATE INDEX credit_notes_by_invoice ON credit_notes (invoice_id);
CREATE INDEX credit_notes_by_date ON credit_notes (issue_date);
CREATE INDEX credit_notes_by_tail ON credit_notes (substr(CAST(id AS text), 31));
CREATE TRIGGER credit_notes_no_update BEFORE UPDATE ON credit_notes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: credit_notes');
CREATE TRIGGER credit_notes_no_delete BEFORE DELETE ON credit_notes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: credit_notes');
CREATE TRIGGER credit_notes_no_truncate BEFORE TRUNCATE ON credit_notes
EXECUTE FUNCTION steward_refuse('no_delete: credit_notes');
CREATE FUNCTION credit_notes_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.currency <> (SELECT currency FROM invoices WHERE invoices.id = NEW.invoice_id) THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER credit_notes_currency BEFORE INSERT ON credit_notes FOR EACH ROW
EXECUTE FUNCTION credit_notes_currency('currency_mismatch: credit_notes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON credit_notes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE credit_note_lines (
  credit_note_id   uuid             NOT NULL REFERENCES credit_notes (id),
  position         bigint           NOT NULL CHECK (position >= 1),
  description      text COLLATE "C" NOT NULL CHECK (length(description) > 0),
  quantity_e4      bigint           NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents bigint           NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        bigint           NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           uuid             REFERENCES taxes (id),
  PRIMARY KEY (credit_note_id, position)
);
CREATE INDEX credit_note_lines_by_tax ON credit_note_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE credit_note_taxes (
  credit_note_id uuid   NOT NULL REFERENCES credit_notes (id),
  position       bigint NOT NULL CHECK (position >= 1),
  tax_id         uuid   REFERENCES taxes (id),
  net_cents      bigint NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents      bigint NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (credit_note_id, position)
);
CREATE INDEX credit_note_taxes_by_tax ON credit_note_taxes (tax_id) WHERE tax_id IS NOT NULL;
CREATE TRIGGER credit_note_lines_no_update BEFORE UPDATE ON credit_note_lines FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: credit_note_lines');
CREATE TRIGGER credit_note_lines_no_delete BEFORE DELETE ON credit_note_lines FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: credit_note_lines');
CREATE TRIGGER credit_note_lines_no_truncate BEFORE TRUNCATE ON credit_note_lines
EXECUTE FUNCTION steward_refuse('no_delete: credit_note_lines');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON credit_note_lines FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
CREATE TRIGGER credit_note_taxes_no_update BEFORE UPDATE ON credit_note_taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: credit_note_taxes');
CREATE TRIGGER credit_note_taxes_no_delete BEFORE DELETE ON credit_note_taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: credit_note_taxes');
CREATE TRIGGER credit_note_taxes_no_truncate BEFORE TRUNCATE ON credit_note_taxes
EXECUTE FUNCTION steward_refuse('no_delete: credit_note_taxes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON credit_note_taxes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- The sum of an invoice's credit notes, written in the same transaction as they are; `db check` adds them up again.
ALTER TABLE invoices ADD COLUMN credited_cents bigint NOT NULL DEFAULT 0 CHECK (credited_cents BETWEEN 0 AND amount_cents
  AND (credited_cents = 0 OR number IS NOT NULL));
CREATE TRIGGER invoices_credited_not_void BEFORE UPDATE OF status ON invoices FOR EACH ROW
WHEN (NEW.status <> OLD.status AND NEW.status = 'VOID' AND NEW.credited_cents > 0)
EXECUTE FUNCTION steward_refuse('credited: invoices');

-- Money of an invoice: received, given back, or credit that moved from one invoice (OUT) to another (IN).
ALTER TABLE payments ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'RECEIVED'
  CHECK (kind IN ('RECEIVED', 'REFUND', 'CREDIT_OUT', 'CREDIT_IN'));
-- What a REFUND gives back of; the CREDIT_OUT that a CREDIT_IN came from.
ALTER TABLE payments ADD COLUMN counterpart_id uuid REFERENCES payments (id)
  CHECK ((kind IN ('REFUND', 'CREDIT_IN')) = (counterpart_id IS NOT NULL));
ALTER TABLE payments ADD COLUMN reason text COLLATE "C" CHECK (length(reason) > 0);
CREATE INDEX payments_by_counterpart ON payments (counterpart_id) WHERE counterpart_id IS NOT NULL;
CREATE TRIGGER payments_kind_immutable BEFORE UPDATE OF kind, counterpart_id, reason ON payments FOR EACH ROW
WHEN (NEW.kind <> OLD.kind OR NEW.counterpart_id IS DISTINCT FROM OLD.counterpart_id OR NEW.reason IS DISTINCT FROM OLD.reason)
EXECUTE FUNCTION steward_refuse('immutable: payments');

-- A deal's split is of the money net of tax: the tax in amount_cents, given back with it pro rata.
ALTER TABLE deal_payments ADD COLUMN tax_cents bigint NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND amount_cents);
ALTER TABLE deal_payments ADD COLUMN refunded_tax_cents bigint NOT NULL DEFAULT 0
  CHECK (refunded_tax_cents BETWEEN 0 AND tax_cents AND refunded_tax_cents <= refunded_cents);
