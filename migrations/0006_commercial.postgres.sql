-- migrations/0006_commercial.postgres.sql
-- Room:   studio/proposals, invoices Twin: 0006_commercial.sqlite.sql
-- Adds:   document_counters proposals proposal_status_history invoices invoice_status_history payments
-- Needs:  0002 (users), 0003 (offers), 0004 (intake_requests), 0005 (deals)
-- Units:  *_cents count minor units of `currency` (ISO 4217); *_at are instants, to the millisecond; *_date are days in studio.timezone
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE document_counters (
  series text COLLATE "C" NOT NULL CHECK (length(series) BETWEEN 1 AND 16),  -- INV, PRO, CN
  year   bigint           NOT NULL CHECK (year BETWEEN 1900 AND 9999),  -- of the document's date in studio.timezone
  next   bigint           NOT NULL CHECK (next >= 1),       -- the number the next document takes
  PRIMARY KEY (series, year)
);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON document_counters FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE proposals (
  id                uuid             NOT NULL PRIMARY KEY,
  number            text COLLATE "C" UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- given when sent
  client_email      text COLLATE "C" NOT NULL CHECK (client_email = lower(client_email)
                               AND length(client_email) BETWEEN 3 AND 254),
  title             text COLLATE "C" NOT NULL CHECK (length(title) > 0),
  amount_cents      bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency          text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status            text COLLATE "C" NOT NULL CHECK (status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  intake_request_id uuid             REFERENCES intake_requests (id),
  offer_slug        text COLLATE "C" REFERENCES offers (slug),
  expires_at        timestamptz(3),
  sent_at           timestamptz(3),
  decided_at        timestamptz(3),                         -- accepted, declined or expired
  created_by        uuid             REFERENCES users (id),
  version           bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        timestamptz(3)   NOT NULL,
  updated_at        timestamptz(3)   NOT NULL,
  CHECK ((number IS NULL) = (sent_at IS NULL)),
  CHECK (status <> 'DRAFT' OR number IS NULL),
  CHECK (status NOT IN ('SENT', 'ACCEPTED') OR number IS NOT NULL)
);
CREATE INDEX proposals_by_status ON proposals (status, expires_at);
CREATE INDEX proposals_by_intake ON proposals (intake_request_id) WHERE intake_request_id IS NOT NULL;
CREATE INDEX proposals_by_offer ON proposals (offer_slug) WHERE offer_slug IS NOT NULL;

-- What was sent is what the client answers.
CREATE TRIGGER proposals_immutable
BEFORE UPDATE OF number, client_email, amount_cents, currency, sent_at ON proposals FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND (NEW.number IS DISTINCT FROM OLD.number OR NEW.client_email <> OLD.client_email
  OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency OR NEW.sent_at IS DISTINCT FROM OLD.sent_at))
EXECUTE FUNCTION steward_refuse('immutable: proposals');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON proposals FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE proposal_status_history (
  id          uuid             NOT NULL PRIMARY KEY,
  proposal_id uuid             NOT NULL REFERENCES proposals (id),
  from_status text COLLATE "C" CHECK (from_status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  to_status   text COLLATE "C" NOT NULL CHECK (to_status IN ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED', 'EXPIRED')),
  note        text COLLATE "C",
  changed_at  timestamptz(3)   NOT NULL,
  changed_by  uuid             REFERENCES users (id),
  actor       text COLLATE "C" NOT NULL,
  token_id    text COLLATE "C",
  request_id  text COLLATE "C" NOT NULL,
  operation   text COLLATE "C" NOT NULL
);
CREATE INDEX proposal_status_history_by_proposal ON proposal_status_history (proposal_id);
CREATE TRIGGER proposal_status_history_no_update BEFORE UPDATE ON proposal_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: proposal_status_history');
CREATE TRIGGER proposal_status_history_no_delete BEFORE DELETE ON proposal_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: proposal_status_history');
CREATE TRIGGER proposal_status_history_no_truncate BEFORE TRUNCATE ON proposal_status_history
EXECUTE FUNCTION steward_refuse('append_only: proposal_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON proposal_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE invoices (
  id                uuid             NOT NULL PRIMARY KEY,
  number            text COLLATE "C" UNIQUE CHECK (length(number) BETWEEN 1 AND 40),  -- given when issued, gapless within a year
  client_email      text COLLATE "C" NOT NULL CHECK (client_email = lower(client_email)
                               AND length(client_email) BETWEEN 3 AND 254),
  amount_cents      bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency          text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status            text COLLATE "C" NOT NULL CHECK (status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  -- the sum of its RECORDED payments, written in the same transaction as they are; `db check` adds them up again
  paid_cents        bigint           NOT NULL DEFAULT 0 CHECK (paid_cents BETWEEN 0 AND 9007199254740991),
  proposal_id       uuid             REFERENCES proposals (id),
  intake_request_id uuid             REFERENCES intake_requests (id),
  deal_id           uuid             REFERENCES deals (id),
  issue_date        date,
  due_date          date,
  issued_at         timestamptz(3),
  paid_at           timestamptz(3),                         -- when it became PAID; emptied by a reversal
  voided_at         timestamptz(3),
  void_reason       text COLLATE "C",
  created_by        uuid             REFERENCES users (id),
  version           bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        timestamptz(3)   NOT NULL,
  updated_at        timestamptz(3)   NOT NULL,
  -- no number: a draft, or a draft that was voided; everything else was issued and has one
  CHECK ((number IS NULL) = (issued_at IS NULL)),
  CHECK (status <> 'DRAFT' OR number IS NULL),
  CHECK (status IN ('DRAFT', 'VOID') OR number IS NOT NULL),
  CHECK (number IS NULL OR (issue_date IS NOT NULL AND due_date IS NOT NULL AND due_date >= issue_date)),
  CHECK (number IS NOT NULL OR paid_cents = 0),
  CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
  CHECK ((status = 'VOID') = (voided_at IS NOT NULL))
);
CREATE INDEX invoices_by_status ON invoices (status, due_date);
CREATE INDEX invoices_by_client ON invoices (client_email);
CREATE INDEX invoices_by_proposal ON invoices (proposal_id) WHERE proposal_id IS NOT NULL;
CREATE INDEX invoices_by_intake ON invoices (intake_request_id) WHERE intake_request_id IS NOT NULL;
CREATE INDEX invoices_by_deal ON invoices (deal_id) WHERE deal_id IS NOT NULL;

CREATE TRIGGER invoices_immutable
BEFORE UPDATE OF id, number, client_email, amount_cents, currency, issue_date, due_date, issued_at, proposal_id,
  intake_request_id, deal_id ON invoices FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND (NEW.id <> OLD.id OR NEW.number IS DISTINCT FROM OLD.number
  OR NEW.client_email <> OLD.client_email OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency
  OR NEW.issue_date IS DISTINCT FROM OLD.issue_date OR NEW.due_date IS DISTINCT FROM OLD.due_date
  OR NEW.issued_at IS DISTINCT FROM OLD.issued_at OR NEW.proposal_id IS DISTINCT FROM OLD.proposal_id
  OR NEW.intake_request_id IS DISTINCT FROM OLD.intake_request_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id))
EXECUTE FUNCTION steward_refuse('immutable: invoices');
CREATE TRIGGER invoices_final BEFORE UPDATE OF status ON invoices FOR EACH ROW
WHEN (NEW.status <> OLD.status AND (NEW.status = 'DRAFT' OR OLD.status = 'VOID'))
EXECUTE FUNCTION steward_refuse('final: invoices');
-- Paid is what payments made of it, and money received is not voided away.
CREATE TRIGGER invoices_paid_is_derived BEFORE UPDATE OF status ON invoices FOR EACH ROW
WHEN (NEW.status <> OLD.status AND ((NEW.status IN ('PARTIALLY_PAID', 'PAID') AND NEW.paid_cents = 0)
  OR (NEW.status = 'VOID' AND NEW.paid_cents > 0)))
EXECUTE FUNCTION steward_refuse('paid_mismatch: invoices');
CREATE TRIGGER invoices_no_delete BEFORE DELETE ON invoices FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: invoices');
CREATE TRIGGER invoices_no_truncate BEFORE TRUNCATE ON invoices
EXECUTE FUNCTION steward_refuse('no_delete: invoices');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON invoices FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE invoice_status_history (
  id          uuid             NOT NULL PRIMARY KEY,
  invoice_id  uuid             NOT NULL REFERENCES invoices (id),
  from_status text COLLATE "C" CHECK (from_status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  to_status   text COLLATE "C" NOT NULL CHECK (to_status IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'VOID')),
  note        text COLLATE "C",
  changed_at  timestamptz(3)   NOT NULL,
  changed_by  uuid             REFERENCES users (id),
  actor       text COLLATE "C" NOT NULL,
  token_id    text COLLATE "C",
  request_id  text COLLATE "C" NOT NULL,
  operation   text COLLATE "C" NOT NULL
);
CREATE INDEX invoice_status_history_by_invoice ON invoice_status_history (invoice_id);
CREATE TRIGGER invoice_status_history_no_update BEFORE UPDATE ON invoice_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: invoice_status_history');
CREATE TRIGGER invoice_status_history_no_delete BEFORE DELETE ON invoice_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: invoice_status_history');
CREATE TRIGGER invoice_status_history_no_truncate BEFORE TRUNCATE ON invoice_status_history
EXECUTE FUNCTION steward_refuse('append_only: invoice_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON invoice_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE payments (
  id              uuid             NOT NULL PRIMARY KEY,
  invoice_id      uuid             NOT NULL REFERENCES invoices (id),
  amount_cents    bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  currency        text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the invoice's
  status          text COLLATE "C" NOT NULL CHECK (status IN ('RECORDED', 'REVERSED')),  -- REVERSED counts 0
  paid_at         timestamptz(3)   NOT NULL,                -- when the money came
  reference       text COLLATE "C" CHECK (length(reference) > 0),  -- the bank's
  recorded_by     uuid             REFERENCES users (id),
  reversed_at     timestamptz(3),
  reversed_by     uuid             REFERENCES users (id),
  reversal_reason text COLLATE "C",
  version         bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at      timestamptz(3)   NOT NULL,
  updated_at      timestamptz(3)   NOT NULL,
  CHECK ((status = 'REVERSED') = (reversed_at IS NOT NULL))
);
-- A bank's line is recorded once (null references don't collide); it also finds an invoice's payments.
-- A reversed record frees its reference: the same bank line may then be recorded as it should have been.
CREATE UNIQUE INDEX payments_reference_once ON payments (invoice_id, reference) WHERE status = 'RECORDED';
CREATE INDEX payments_by_invoice ON payments (invoice_id);

CREATE FUNCTION payments_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.currency <> (SELECT currency FROM invoices WHERE invoices.id = NEW.invoice_id) THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_currency BEFORE INSERT ON payments FOR EACH ROW
EXECUTE FUNCTION payments_currency('currency_mismatch: payments');
CREATE TRIGGER payments_immutable
BEFORE UPDATE ON payments FOR EACH ROW
WHEN (OLD.status = 'REVERSED' OR NEW.id <> OLD.id OR NEW.invoice_id <> OLD.invoice_id
  OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency OR NEW.paid_at <> OLD.paid_at
  OR NEW.reference IS DISTINCT FROM OLD.reference OR NEW.recorded_by IS DISTINCT FROM OLD.recorded_by
  OR NEW.created_at <> OLD.created_at)
EXECUTE FUNCTION steward_refuse('immutable: payments');
CREATE TRIGGER payments_no_delete BEFORE DELETE ON payments FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: payments');
CREATE TRIGGER payments_no_truncate BEFORE TRUNCATE ON payments
EXECUTE FUNCTION steward_refuse('no_delete: payments');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON payments FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
