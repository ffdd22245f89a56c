-- migrations/0006_commercial.sqlite.sql
-- Room:   studio/proposals, invoices Twin: 0006_commercial.postgres.sql
-- Adds:   document_counters proposals proposal_status_history invoices invoice_status_history payments
-- Needs:  0002 (users), 0003 (offers), 0004 (intake_requests), 0005 (deals)
-- Units:  *_cents count minor units of `currency` (ISO 4217); *_at are UTC, RFC 3339, milliseconds; *_date are days in studio.timezone
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE document_counters (
  series TEXT    NOT NULL CHECK (length(series) BETWEEN 1 AND 16),  -- INV, PRO, CN
  year   INTEGER NOT NULL CHECK (year BETWEEN 1900 AND 9999),       -- of the document's date in studio.timezone
  next   INTEGER NOT NULL CHECK (next >= 1),                        -- the number the next document takes
  PRIMARY KEY (series, year)
) STRICT;

CREATE TABLE proposals (
  id                TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  number            TEXT    UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- given when sent
  client_email      TEXT    NOT NULL CHECK (client_email = lower(client_email) AND length(client_email) BETWEEN 3 AND 254),
  title             TEXT    NOT NULL CHECK (length(title) > 0),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency          TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status            TEXT    NOT NULL CHECK (status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  intake_request_id TEXT    REFERENCES intake_requests (id),
  offer_slug        TEXT    REFERENCES offers (slug),
  expires_at        TEXT    CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
  sent_at           TEXT    CHECK (sent_at LIKE '____-__-__T__:__:__.___Z'),
  decided_at        TEXT    CHECK (decided_at LIKE '____-__-__T__:__:__.___Z'),  -- accepted, declined or expired
  created_by        TEXT    REFERENCES users (id),
  version           INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at        TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK ((number IS NULL) = (sent_at IS NULL)),
  CHECK (status <> 'DRAFT' OR number IS NULL),
  CHECK (status NOT IN ('SENT', 'ACCEPTED') OR number IS NOT NULL)
) STRICT;
CREATE INDEX proposals_by_status ON proposals (status, expires_at);
CREATE INDEX proposals_by_intake ON proposals (intake_request_id) WHERE intake_request_id IS NOT NULL;
CREATE INDEX proposals_by_offer ON proposals (offer_slug) WHERE offer_slug IS NOT NULL;

-- What was sent is what the client answers.
CREATE TRIGGER proposals_immutable BEFORE UPDATE OF number, client_email, amount_cents, currency, sent_at ON proposals
WHEN OLD.number IS NOT NULL AND (NEW.number IS DISTINCT FROM OLD.number OR NEW.client_email <> OLD.client_email
  OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency OR NEW.sent_at IS DISTINCT FROM OLD.sent_at)
BEGIN SELECT RAISE(ABORT, 'immutable: proposals'); END;

CREATE TABLE proposal_status_history (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  proposal_id TEXT NOT NULL REFERENCES proposals (id),
  from_status TEXT          CHECK (from_status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  to_status   TEXT NOT NULL CHECK (to_status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  note        TEXT,
  changed_at  TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by  TEXT REFERENCES users (id),
  actor       TEXT NOT NULL,
  token_id    TEXT,
  request_id  TEXT NOT NULL,
  operation   TEXT NOT NULL
) STRICT;
CREATE INDEX proposal_status_history_by_proposal ON proposal_status_history (proposal_id);
CREATE TRIGGER proposal_status_history_no_update BEFORE UPDATE ON proposal_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: proposal_status_history'); END;
CREATE TRIGGER proposal_status_history_no_delete BEFORE DELETE ON proposal_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: proposal_status_history'); END;

CREATE TABLE invoices (
  id                TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  number            TEXT    UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- given when issued, gapless within a year
  client_email      TEXT    NOT NULL CHECK (client_email = lower(client_email) AND length(client_email) BETWEEN 3 AND 254),
  amount_cents      INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency          TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status            TEXT    NOT NULL CHECK (status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  -- the sum of its RECORDED payments, written in the same transaction as they are; `db check` adds them up again
  paid_cents        INTEGER NOT NULL DEFAULT 0 CHECK (paid_cents BETWEEN 0 AND 9007199254740991),
  proposal_id       TEXT    REFERENCES proposals (id),
  intake_request_id TEXT    REFERENCES intake_requests (id),
  deal_id           TEXT    REFERENCES deals (id),
  issue_date        TEXT    CHECK (issue_date LIKE '____-__-__'),
  due_date          TEXT    CHECK (due_date LIKE '____-__-__'),
  issued_at         TEXT    CHECK (issued_at LIKE '____-__-__T__:__:__.___Z'),
  paid_at           TEXT    CHECK (paid_at LIKE '____-__-__T__:__:__.___Z'),  -- when it became PAID; emptied by a reversal
  voided_at         TEXT    CHECK (voided_at LIKE '____-__-__T__:__:__.___Z'),
  void_reason       TEXT,
  created_by        TEXT    REFERENCES users (id),
  version           INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at        TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  -- no number: a draft, or a draft that was voided; everything else was issued and has one
  CHECK ((number IS NULL) = (issued_at IS NULL)),
  CHECK (status <> 'DRAFT' OR number IS NULL),
  CHECK (status IN ('DRAFT', 'VOID') OR number IS NOT NULL),
  CHECK (number IS NULL OR (issue_date IS NOT NULL AND due_date IS NOT NULL AND due_date >= issue_date)),
  CHECK (number IS NOT NULL OR paid_cents = 0),
  CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
  CHECK ((status = 'VOID') = (voided_at IS NOT NULL))
) STRICT;
CREATE INDEX invoices_by_status ON invoices (status, due_date);
CREATE INDEX invoices_by_client ON invoices (client_email);
CREATE INDEX invoices_by_proposal ON invoices (proposal_id) WHERE proposal_id IS NOT NULL;
CREATE INDEX invoices_by_intake ON invoices (intake_request_id) WHERE intake_request_id IS NOT NULL;
CREATE INDEX invoices_by_deal ON invoices (deal_id) WHERE deal_id IS NOT NULL;

CREATE TRIGGER invoices_immutable
BEFORE UPDATE OF id, number, client_email, amount_cents, currency, issue_date, due_date, issued_at, proposal_id,
  intake_request_id, deal_id ON invoices
WHEN OLD.number IS NOT NULL AND (NEW.id <> OLD.id OR NEW.number IS DISTINCT FROM OLD.number
  OR NEW.client_email <> OLD.client_email OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency
  OR NEW.issue_date IS DISTINCT FROM OLD.issue_date OR NEW.due_date IS DISTINCT FROM OLD.due_date
  OR NEW.issued_at IS DISTINCT FROM OLD.issued_at OR NEW.proposal_id IS DISTINCT FROM OLD.proposal_id
  OR NEW.intake_request_id IS DISTINCT FROM OLD.intake_request_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id)
BEGIN SELECT RAISE(ABORT, 'immutable: invoices'); END;
CREATE TRIGGER invoices_final BEFORE UPDATE OF status ON invoices
WHEN NEW.status <> OLD.status AND (NEW.status = 'DRAFT' OR OLD.status = 'VOID')
BEGIN SELECT RAISE(ABORT, 'final: invoices'); END;
-- Paid is what payments made of it, and money received is not voided away.
CREATE TRIGGER invoices_paid_is_derived BEFORE UPDATE OF status ON invoices
WHEN NEW.status <> OLD.status AND ((NEW.status IN ('PARTIALLY_PAID', 'PAID') AND NEW.paid_cents = 0)
  OR (NEW.status = 'VOID' AND NEW.paid_cents > 0))
BEGIN SELECT RAISE(ABORT, 'paid_mismatch: invoices'); END;
CREATE TRIGGER invoices_no_delete BEFORE DELETE ON invoices
BEGIN SELECT RAISE(ABORT, 'no_delete: invoices'); END;

CREATE TABLE invoice_status_history (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  invoice_id  TEXT NOT NULL REFERENCES invoices (id),
  from_status TEXT          CHECK (from_status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  to_status   TEXT NOT NULL CHECK (to_status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  note        TEXT,
  changed_at  TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by  TEXT REFERENCES users (id),
  actor       TEXT NOT NULL,
  token_id    TEXT,
  request_id  TEXT NOT NULL,
  operation   TEXT NOT NULL
) STRICT;
CREATE INDEX invoice_status_history_by_invoice ON invoice_status_history (invoice_id);
CREATE TRIGGER invoice_status_history_no_update BEFORE UPDATE ON invoice_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: invoice_status_history'); END;
CREATE TRIGGER invoice_status_history_no_delete BEFORE DELETE ON invoice_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: invoice_status_history'); END;

CREATE TABLE payments (
  id              TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  invoice_id      TEXT    NOT NULL REFERENCES invoices (id),
  amount_cents    INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency        TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the invoice's
  status          TEXT    NOT NULL CHECK (status IN ('RECORDED', 'REVERSED')),  -- REVERSED counts 0
  paid_at         TEXT    NOT NULL CHECK (paid_at LIKE '____-__-__T__:__:__.___Z'),  -- when the money came
  reference       TEXT    CHECK (length(reference) > 0),    -- the bank's
  recorded_by     TEXT    REFERENCES users (id),
  reversed_at     TEXT    CHECK (reversed_at LIKE '____-__-__T__:__:__.___Z'),
  reversed_by     TEXT    REFERENCES users (id),
  reversal_reason TEXT,
  version         INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at      TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at      TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK ((status = 'REVERSED') = (reversed_at IS NOT NULL))
) STRICT;
-- A bank's line is recorded once (null references don't collide); it also finds an invoice's payments.
-- A reversed record frees its reference: the same bank line may then be recorded as it should have been.
CREATE UNIQUE INDEX payments_reference_once ON payments (invoice_id, reference) WHERE status = 'RECORDED';
CREATE INDEX payments_by_invoice ON payments (invoice_id);

CREATE TRIGGER payments_currency BEFORE INSERT ON payments
WHEN NEW.currency <> (SELECT currency FROM invoices WHERE invoices.id = NEW.invoice_id)
BEGIN SELECT RAISE(ABORT, 'currency_mismatch: payments'); END;
CREATE TRIGGER payments_immutable
BEFORE UPDATE ON payments
WHEN OLD.status = 'REVERSED' OR NEW.id <> OLD.id OR NEW.invoice_id <> OLD.invoice_id
  OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency OR NEW.paid_at <> OLD.paid_at
  OR NEW.reference IS DISTINCT FROM OLD.reference OR NEW.recorded_by IS DISTINCT FROM OLD.recorded_by
  OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'immutable: payments'); END;
CREATE TRIGGER payments_no_delete BEFORE DELETE ON payments
BEGIN SELECT RAISE(ABORT, 'no_delete: payments'); END;
