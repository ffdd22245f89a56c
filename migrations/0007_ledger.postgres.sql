-- migrations/0007_ledger.postgres.sql
-- Room:   studio/deals, ledger       Twin: 0007_ledger.sqlite.sql
-- Adds:   deal_payments payouts ledger_entries ledger_status_history payout_entries
-- Needs:  0002 (users), 0005 (deals), 0006 (invoices)
-- Units:  *_cents count minor units of `currency` (ISO 4217); rate_bp are basis points; *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE deal_payments (
  id                  uuid             NOT NULL PRIMARY KEY,
  deal_id             uuid             NOT NULL REFERENCES deals (id),
  provider            text COLLATE "C" NOT NULL CHECK (provider IN ('STRIPE', 'INVOICE')),
  status              text COLLATE "C" NOT NULL CHECK (status IN ('CREATED', 'PAID', 'REFUNDED', 'FAILED')),
  invoice_id          uuid             REFERENCES invoices (id),  -- the invoice that was paid in full
  checkout_session_id text COLLATE "C",
  payment_intent_id   text COLLATE "C",
  amount_cents        bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  refunded_cents      bigint           NOT NULL DEFAULT 0 CHECK (refunded_cents >= 0),  -- below amount_cents it stays PAID
  currency            text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  paid_at             timestamptz(3),
  refunded_at         timestamptz(3),
  refund_reason       text COLLATE "C",
  version             bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          timestamptz(3)   NOT NULL,
  updated_at          timestamptz(3)   NOT NULL,
  UNIQUE (provider, checkout_session_id),
  UNIQUE (provider, payment_intent_id),
  CHECK (provider <> 'INVOICE' OR invoice_id IS NOT NULL),
  CHECK (refunded_cents <= amount_cents),
  CHECK (status NOT IN ('PAID', 'REFUNDED') OR paid_at IS NOT NULL)
);
CREATE INDEX deal_payments_by_deal ON deal_payments (deal_id, status);
CREATE UNIQUE INDEX deal_payments_one_open ON deal_payments (deal_id) WHERE status = 'CREATED';
CREATE UNIQUE INDEX deal_payments_one_an_invoice ON deal_payments (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE TRIGGER deal_payments_no_delete BEFORE DELETE ON deal_payments FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: deal_payments');
CREATE TRIGGER deal_payments_no_truncate BEFORE TRUNCATE ON deal_payments
EXECUTE FUNCTION steward_refuse('no_delete: deal_payments');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON deal_payments FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- A deal is paid, worked on and delivered only with the money there, and refunded only when it went back.
CREATE FUNCTION deals_paid_by_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND NEW.status IN ('PAID', 'IN_PROGRESS', 'DELIVERED', 'CLOSED')
  AND NOT EXISTS (SELECT 1 FROM deal_payments WHERE deal_payments.deal_id = NEW.id AND deal_payments.status = 'PAID') THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deals_paid_by_payment BEFORE UPDATE OF status ON deals FOR EACH ROW
EXECUTE FUNCTION deals_paid_by_payment('unpaid: deals');
CREATE FUNCTION deals_refunded_by_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND NEW.status = 'REFUNDED'
  AND NOT EXISTS (SELECT 1 FROM deal_payments WHERE deal_payments.deal_id = NEW.id AND deal_payments.status = 'REFUNDED') THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deals_refunded_by_payment BEFORE UPDATE OF status ON deals FOR EACH ROW
EXECUTE FUNCTION deals_refunded_by_payment('not_refunded: deals');

-- One transfer of money to one person.
CREATE TABLE payouts (
  id                  uuid             NOT NULL PRIMARY KEY,
  beneficiary_user_id uuid             NOT NULL REFERENCES users (id),
  currency            text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  total_cents         bigint           NOT NULL CHECK (total_cents BETWEEN 0 AND 9007199254740991),  -- entries less claw-backs
  method              text COLLATE "C" NOT NULL CHECK (method IN ('MANUAL', 'STRIPE')),
  reference           text COLLATE "C",                     -- the bank's or the provider's
  status              text COLLATE "C" NOT NULL CHECK (status IN ('STARTED', 'CONFIRMED', 'FAILED')),
  started_at          timestamptz(3)   NOT NULL,
  started_by          uuid             REFERENCES users (id),
  started_actor       text COLLATE "C" NOT NULL,
  confirmed_at        timestamptz(3),
  confirmed_by        uuid             REFERENCES users (id),
  confirmed_actor     text COLLATE "C",
  failed_at           timestamptz(3),
  failure_reason      text COLLATE "C",
  version             bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          timestamptz(3)   NOT NULL,
  updated_at          timestamptz(3)   NOT NULL,
  CHECK ((status = 'CONFIRMED') = (confirmed_at IS NOT NULL)),
  CHECK ((status = 'FAILED') = (failed_at IS NOT NULL))
);
CREATE INDEX payouts_by_beneficiary ON payouts (beneficiary_user_id);
CREATE INDEX payouts_by_status ON payouts (status);
CREATE TRIGGER payouts_immutable
BEFORE UPDATE ON payouts FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.beneficiary_user_id <> OLD.beneficiary_user_id OR NEW.currency <> OLD.currency
  OR NEW.total_cents <> OLD.total_cents OR NEW.method <> OLD.method OR NEW.started_at <> OLD.started_at
  OR (NEW.status <> OLD.status AND OLD.status <> 'STARTED'))
EXECUTE FUNCTION steward_refuse('immutable: payouts');
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: payouts');
CREATE TRIGGER payouts_no_truncate BEFORE TRUNCATE ON payouts
EXECUTE FUNCTION steward_refuse('no_delete: payouts');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON payouts FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE ledger_entries (
  id                  uuid             NOT NULL PRIMARY KEY,
  deal_id             uuid             NOT NULL REFERENCES deals (id),
  entry_type          text COLLATE "C" NOT NULL CHECK (entry_type IN
                        ('PROVIDER_PAYOUT', 'REFERRER_COMMISSION', 'PLATFORM_REVENUE', 'CLAWBACK')),
  beneficiary_user_id uuid             REFERENCES users (id),  -- null: the studio itself
  amount_cents        bigint           NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- a CLAWBACK subtracts it
  currency            text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status              text COLLATE "C" NOT NULL CHECK (status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  rate_bp             bigint           CHECK (rate_bp BETWEEN 0 AND 10000),  -- null: no rate, the remainder or a claw-back
  basis_cents         bigint           NOT NULL CHECK (basis_cents BETWEEN 0 AND 9007199254740991),  -- what the rate was taken of
  basis               text COLLATE "C" NOT NULL CHECK (length(basis) > 0),  -- what basis_cents is: net collected, remainder, …
  adjusts_entry_id    uuid             REFERENCES ledger_entries (id),  -- the PAID entry that a CLAWBACK takes back from
  earned_at           timestamptz(3)   NOT NULL,
  earned_month        text COLLATE "C" NOT NULL CHECK (earned_month LIKE '____-__'),  -- of earned_at in studio.timezone
  approved_by_user_id uuid             REFERENCES users (id),
  approved_actor      text COLLATE "C",
  approved_at         timestamptz(3),
  payout_id           uuid             REFERENCES payouts (id),  -- the payout that claims or paid it
  paid_at             timestamptz(3),
  void_reason         text COLLATE "C",
  voided_by           uuid             REFERENCES users (id),
  voided_actor        text COLLATE "C",
  voided_at           timestamptz(3),
  version             bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          timestamptz(3)   NOT NULL,
  updated_at          timestamptz(3)   NOT NULL,
  CHECK (entry_type NOT IN ('PROVIDER_PAYOUT', 'REFERRER_COMMISSION') OR beneficiary_user_id IS NOT NULL),
  CHECK (entry_type <> 'PLATFORM_REVENUE' OR beneficiary_user_id IS NULL),
  CHECK ((entry_type = 'CLAWBACK') = (adjusts_entry_id IS NOT NULL)),
  CHECK (entry_type = 'CLAWBACK' OR status NOT IN ('APPROVED', 'PAYING', 'PAID') OR approved_at IS NOT NULL),
  CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
  CHECK ((status = 'VOID') = (voided_at IS NOT NULL)),
  CHECK (status <> 'VOID' OR void_reason IS NOT NULL)
);
-- Balances are read from this index alone, in its order: no table, no sort, at a million entries.
CREATE INDEX ledger_entries_balance ON ledger_entries
  (beneficiary_user_id, entry_type, earned_month, currency, status, amount_cents);
CREATE INDEX ledger_entries_by_deal ON ledger_entries (deal_id);
CREATE INDEX ledger_entries_by_status ON ledger_entries (status, id);
CREATE INDEX ledger_entries_by_adjusted ON ledger_entries (adjusts_entry_id) WHERE adjusts_entry_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (deal_id, entry_type)
  WHERE status <> 'VOID' AND entry_type <> 'CLAWBACK';

CREATE TRIGGER ledger_entries_immutable
BEFORE UPDATE OF id, deal_id, entry_type, beneficiary_user_id, amount_cents, currency, rate_bp, basis_cents, basis,
  adjusts_entry_id, earned_at, earned_month ON ledger_entries FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.deal_id <> OLD.deal_id OR NEW.entry_type <> OLD.entry_type
  OR NEW.beneficiary_user_id IS DISTINCT FROM OLD.beneficiary_user_id OR NEW.amount_cents <> OLD.amount_cents
  OR NEW.currency <> OLD.currency OR NEW.rate_bp IS DISTINCT FROM OLD.rate_bp OR NEW.basis_cents <> OLD.basis_cents
  OR NEW.basis <> OLD.basis OR NEW.adjusts_entry_id IS DISTINCT FROM OLD.adjusts_entry_id
  OR NEW.earned_at <> OLD.earned_at OR NEW.earned_month <> OLD.earned_month)
EXECUTE FUNCTION steward_refuse('immutable: ledger_entries');
CREATE TRIGGER ledger_entries_final BEFORE UPDATE OF status ON ledger_entries FOR EACH ROW
WHEN (NEW.status <> OLD.status AND OLD.status IN ('PAID', 'VOID'))
EXECUTE FUNCTION steward_refuse('final: ledger_entries');
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: ledger_entries');
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
EXECUTE FUNCTION steward_refuse('no_delete: ledger_entries');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON ledger_entries FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE ledger_status_history (
  id              uuid             NOT NULL PRIMARY KEY,
  ledger_entry_id uuid             NOT NULL REFERENCES ledger_entries (id),
  from_status     text COLLATE "C" CHECK (from_status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  to_status       text COLLATE "C" NOT NULL CHECK (to_status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  note            text COLLATE "C",
  changed_at      timestamptz(3)   NOT NULL,
  changed_by      uuid             REFERENCES users (id),
  actor           text COLLATE "C" NOT NULL,
  token_id        text COLLATE "C",
  request_id      text COLLATE "C" NOT NULL,
  operation       text COLLATE "C" NOT NULL
);
CREATE INDEX ledger_status_history_by_entry ON ledger_status_history (ledger_entry_id);
CREATE TRIGGER ledger_status_history_no_update BEFORE UPDATE ON ledger_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: ledger_status_history');
CREATE TRIGGER ledger_status_history_no_delete BEFORE DELETE ON ledger_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: ledger_status_history');
CREATE TRIGGER ledger_status_history_no_truncate BEFORE TRUNCATE ON ledger_status_history
EXECUTE FUNCTION steward_refuse('append_only: ledger_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON ledger_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- What each payout was made of, also where it failed: the proof outlives the claim.
CREATE TABLE payout_entries (
  payout_id    uuid   NOT NULL REFERENCES payouts (id),
  entry_id     uuid   NOT NULL REFERENCES ledger_entries (id),
  amount_cents bigint NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- a CLAWBACK's subtracts
  PRIMARY KEY (payout_id, entry_id)
);
CREATE INDEX payout_entries_by_entry ON payout_entries (entry_id);
CREATE TRIGGER payout_entries_no_update BEFORE UPDATE ON payout_entries FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: payout_entries');
CREATE TRIGGER payout_entries_no_delete BEFORE DELETE ON payout_entries FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: payout_entries');
CREATE TRIGGER payout_entries_no_truncate BEFORE TRUNCATE ON payout_entries
EXECUTE FUNCTION steward_refuse('append_only: payout_entries');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON payout_entries FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
