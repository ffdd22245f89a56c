-- migrations/0014_corrections.sqlite.sql
-- Room:   studio/invoices, payments  Twin: 0014_corrections.postgres.sql
-- Adds:   credit_notes credit_note_lines credit_note_taxes; invoices.credited_cents; payments.kind, counterpart_id, reason;
--         deal_payments.tax_cents, refunded_tax_cents
-- Needs:  0013 (taxes), 0007 (deal_payments)
-- Units:  *_cents count minor units of the document's currency; quantity_e4 counts ten-thousandths; *_date are days in studio.timezone
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE credit_notes (
  id           TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  number       TEXT    NOT NULL UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- a series of its own, gapless within a year
  invoice_id   TEXT    NOT NULL REFERENCES invoices (id),
  amount_cents INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- gross: what is no longer asked for
  tax_cents    INTEGER NOT NULL CHECK (tax_cents BETWEEN 0 AND 9007199254740991),
  currency     TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the invoice's
  reason       TEXT    NOT NULL CHECK (length(reason) > 0),
  issue_date   TEXT    NOT NULL CHECK (issue_date LIKE '____-__-__'),
  created_by   TEXT    REFERENCES users (id),
  version      INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at   TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at   TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (tax_cents <= amount_cents)
) STRICT;
CREATE INDEX credit_notes_by_invoice ON credit_notes (invoice_id);
CREATE INDEX credit_notes_by_date ON credit_notes (issue_date);
CREATE INDEX credit_notes_by_tail ON credit_notes (substr(CAST(id AS text), 31));
CREATE TRIGGER credit_notes_no_update BEFORE UPDATE ON credit_notes
BEGIN SELECT RAISE(ABORT, 'immutable: credit_notes'); END;
CREATE TRIGGER credit_notes_no_delete BEFORE DELETE ON credit_notes
BEGIN SELECT RAISE(ABORT, 'no_delete: credit_notes'); END;
CREATE TRIGGER credit_notes_currency BEFORE INSERT ON credit_notes
WHEN NEW.currency <> (SELECT currency FROM invoices WHERE invoices.id = NEW.invoice_id)
BEGIN SELECT RAISE(ABORT, 'currency_mismatch: credit_notes'); END;

CREATE TABLE credit_note_lines (
  credit_note_id   TEXT    NOT NULL REFERENCES credit_notes (id),
  position         INTEGER NOT NULL CHECK (position >= 1),
  description      TEXT    NOT NULL CHECK (length(description) > 0),
  quantity_e4      INTEGER NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           TEXT    REFERENCES taxes (id),
  PRIMARY KEY (credit_note_id, position)
) STRICT;
CREATE INDEX credit_note_lines_by_tax ON credit_note_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE credit_note_taxes (
  credit_note_id TEXT    NOT NULL REFERENCES credit_notes (id),
  position       INTEGER NOT NULL CHECK (position >= 1),
  tax_id         TEXT    REFERENCES taxes (id),
  net_cents      INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents      INTEGER NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (credit_note_id, position)
) STRICT;
CREATE INDEX credit_note_taxes_by_tax ON credit_note_taxes (tax_id) WHERE tax_id IS NOT NULL;
CREATE TRIGGER credit_note_lines_no_update BEFORE UPDATE ON credit_note_lines
BEGIN SELECT RAISE(ABORT, 'immutable: credit_note_lines'); END;
CREATE TRIGGER credit_note_lines_no_delete BEFORE DELETE ON credit_note_lines
BEGIN SELECT RAISE(ABORT, 'no_delete: credit_note_lines'); END;
CREATE TRIGGER credit_note_taxes_no_update BEFORE UPDATE ON credit_note_taxes
BEGIN SELECT RAISE(ABORT, 'immutable: credit_note_taxes'); END;
CREATE TRIGGER credit_note_taxes_no_delete BEFORE DELETE ON credit_note_taxes
BEGIN SELECT RAISE(ABORT, 'no_delete: credit_note_taxes'); END;

-- The sum of an invoice's credit notes, written in the same transaction as they are; `db check` adds them up again.
ALTER TABLE invoices ADD COLUMN credited_cents INTEGER NOT NULL DEFAULT 0 CHECK (credited_cents BETWEEN 0 AND amount_cents
  AND (credited_cents = 0 OR number IS NOT NULL));
CREATE TRIGGER invoices_credited_not_void BEFORE UPDATE OF status ON invoices
WHEN NEW.status <> OLD.status AND NEW.status = 'VOID' AND NEW.credited_cents > 0
BEGIN SELECT RAISE(ABORT, 'credited: invoices'); END;

-- Money of an invoice: received, given back, or credit that moved from one invoice (OUT) to another (IN).
ALTER TABLE payments ADD COLUMN kind TEXT NOT NULL DEFAULT 'RECEIVED'
  CHECK (kind IN ('RECEIVED', 'REFUND', 'CREDIT_OUT', 'CREDIT_IN'));
-- What a REFUND gives back of; the CREDIT_OUT that a CREDIT_IN came from.
ALTER TABLE payments ADD COLUMN counterpart_id TEXT REFERENCES payments (id)
  CHECK ((kind IN ('REFUND', 'CREDIT_IN')) = (counterpart_id IS NOT NULL));
ALTER TABLE payments ADD COLUMN reason TEXT CHECK (length(reason) > 0);
CREATE INDEX payments_by_counterpart ON payments (counterpart_id) WHERE counterpart_id IS NOT NULL;
CREATE TRIGGER payments_kind_immutable BEFORE UPDATE OF kind, counterpart_id, reason ON payments
WHEN NEW.kind <> OLD.kind OR NEW.counterpart_id IS DISTINCT FROM OLD.counterpart_id OR NEW.reason IS DISTINCT FROM OLD.reason
BEGIN SELECT RAISE(ABORT, 'immutable: payments'); END;

-- A deal's split is of the money net of tax: the tax in amount_cents, given back with it pro rata.
ALTER TABLE deal_payments ADD COLUMN tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND amount_cents);
ALTER TABLE deal_payments ADD COLUMN refunded_tax_cents INTEGER NOT NULL DEFAULT 0
  CHECK (refunded_tax_cents BETWEEN 0 AND tax_cents AND refunded_tax_cents <= refunded_cents);
