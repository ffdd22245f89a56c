-- migrations/0007_ledger.sqlite.sql
-- Room:   studio/deals, ledger       Twin: 0007_ledger.postgres.sql
-- Adds:   deal_payments payouts ledger_entries ledger_status_history payout_entries
-- Needs:  0002 (users), 0005 (deals), 0006 (invoices)
-- Units:  *_cents count minor units of `currency` (ISO 4217); rate_bp are basis points; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE deal_payments (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  deal_id             TEXT    NOT NULL REFERENCES deals (id),
  provider            TEXT    NOT NULL CHECK (provider IN ('STRIPE', 'INVOICE')),
  status              TEXT    NOT NULL CHECK (status IN ('CREATED', 'PAID', 'REFUNDED', 'FAILED')),
  invoice_id          TEXT    REFERENCES invoices (id),     -- the invoice that was paid in full
  checkout_session_id TEXT,
  payment_intent_id   TEXT,
  amount_cents        INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),
  refunded_cents      INTEGER NOT NULL DEFAULT 0 CHECK (refunded_cents >= 0),  -- below amount_cents it stays PAID
  currency            TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  paid_at             TEXT    CHECK (paid_at LIKE '____-__-__T__:__:__.___Z'),
  refunded_at         TEXT    CHECK (refunded_at LIKE '____-__-__T__:__:__.___Z'),
  refund_reason       TEXT,
  version             INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at          TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  UNIQUE (provider, checkout_session_id),
  UNIQUE (provider, payment_intent_id),
  CHECK (provider <> 'INVOICE' OR invoice_id IS NOT NULL),
  CHECK (refunded_cents <= amount_cents),
  CHECK (status NOT IN ('PAID', 'REFUNDED') OR paid_at IS NOT NULL)
) STRICT;
CREATE INDEX deal_payments_by_deal ON deal_payments (deal_id, status);
CREATE UNIQUE INDEX deal_payments_one_open ON deal_payments (deal_id) WHERE status = 'CREATED';
CREATE UNIQUE INDEX deal_payments_one_an_invoice ON deal_payments (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE TRIGGER deal_payments_no_delete BEFORE DELETE ON deal_payments
BEGIN SELECT RAISE(ABORT, 'no_delete: deal_payments'); END;

-- A deal is paid, worked on and delivered only with the money there, and refunded only when it went back.
CREATE TRIGGER deals_paid_by_payment BEFORE UPDATE OF status ON deals
WHEN NEW.status <> OLD.status AND NEW.status IN ('PAID', 'IN_PROGRESS', 'DELIVERED', 'CLOSED')
  AND NOT EXISTS (SELECT 1 FROM deal_payments WHERE deal_payments.deal_id = NEW.id AND deal_payments.status = 'PAID')
BEGIN SELECT RAISE(ABORT, 'unpaid: deals'); END;
CREATE TRIGGER deals_refunded_by_payment BEFORE UPDATE OF status ON deals
WHEN NEW.status <> OLD.status AND NEW.status = 'REFUNDED'
  AND NOT EXISTS (SELECT 1 FROM deal_payments WHERE deal_payments.deal_id = NEW.id AND deal_payments.status = 'REFUNDED')
BEGIN SELECT RAISE(ABORT, 'not_refunded: deals'); END;

-- One transfer of money to one person.
CREATE TABLE payouts (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  beneficiary_user_id TEXT    NOT NULL REFERENCES users (id),
  currency            TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  total_cents         INTEGER NOT NULL CHECK (total_cents BETWEEN 0 AND 9007199254740991),  -- entries less claw-backs
  method              TEXT    NOT NULL CHECK (method IN ('MANUAL', 'STRIPE')),
  reference           TEXT,                                 -- the bank's or the provider's
  status              TEXT    NOT NULL CHECK (status IN ('STARTED', 'CONFIRMED', 'FAILED')),
  started_at          TEXT    NOT NULL CHECK (started_at LIKE '____-__-__T__:__:__.___Z'),
  started_by          TEXT    REFERENCES users (id),
  started_actor       TEXT    NOT NULL,
  confirmed_at        TEXT    CHECK (confirmed_at LIKE '____-__-__T__:__:__.___Z'),
  confirmed_by        TEXT    REFERENCES users (id),
  confirmed_actor     TEXT,
  failed_at           TEXT    CHECK (failed_at LIKE '____-__-__T__:__:__.___Z'),
  failure_reason      TEXT,
  version             INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at          TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK ((status = 'CONFIRMED') = (confirmed_at IS NOT NULL)),
  CHECK ((status = 'FAILED') = (failed_at IS NOT NULL))
) STRICT;
CREATE INDEX payouts_by_beneficiary ON payouts (beneficiary_user_id);
CREATE INDEX payouts_by_status ON payouts (status);
CREATE TRIGGER payouts_immutable
BEFORE UPDATE ON payouts
WHEN NEW.id <> OLD.id OR NEW.beneficiary_user_id <> OLD.beneficiary_user_id OR NEW.currency <> OLD.currency
  OR NEW.total_cents <> OLD.total_cents OR NEW.method <> OLD.method OR NEW.started_at <> OLD.started_at
  OR (NEW.status <> OLD.status AND OLD.status <> 'STARTED')
BEGIN SELECT RAISE(ABORT, 'immutable: payouts'); END;
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts
BEGIN SELECT RAISE(ABORT, 'no_delete: payouts'); END;

CREATE TABLE ledger_entries (
  id                  TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  deal_id             TEXT    NOT NULL REFERENCES deals (id),
  entry_type          TEXT    NOT NULL CHECK (entry_type IN ('PROVIDER_PAYOUT', 'REFERRER_COMMISSION', 'PLATFORM_REVENUE', 'CLAWBACK')),
  beneficiary_user_id TEXT    REFERENCES users (id),        -- null: the studio itself
  amount_cents        INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- a CLAWBACK subtracts it
  currency            TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  status              TEXT    NOT NULL CHECK (status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  rate_bp             INTEGER CHECK (rate_bp BETWEEN 0 AND 10000),  -- null: no rate, the remainder or a claw-back
  basis_cents         INTEGER NOT NULL CHECK (basis_cents BETWEEN 0 AND 9007199254740991),  -- what the rate was taken of
  basis               TEXT    NOT NULL CHECK (length(basis) > 0),  -- what basis_cents is: net collected, remainder, …
  adjusts_entry_id    TEXT    REFERENCES ledger_entries (id),  -- the PAID entry that a CLAWBACK takes back from
  earned_at           TEXT    NOT NULL CHECK (earned_at LIKE '____-__-__T__:__:__.___Z'),
  earned_month        TEXT    NOT NULL CHECK (earned_month LIKE '____-__'),  -- of earned_at in studio.timezone
  approved_by_user_id TEXT    REFERENCES users (id),
  approved_actor      TEXT,
  approved_at         TEXT    CHECK (approved_at LIKE '____-__-__T__:__:__.___Z'),
  payout_id           TEXT    REFERENCES payouts (id),      -- the payout that claims or paid it
  paid_at             TEXT    CHECK (paid_at LIKE '____-__-__T__:__:__.___Z'),
  void_reason         TEXT,
  voided_by           TEXT    REFERENCES users (id),
  voided_actor        TEXT,
  voided_at           TEXT    CHECK (voided_at LIKE '____-__-__T__:__:__.___Z'),
  version             INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at          TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at          TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (entry_type NOT IN ('PROVIDER_PAYOUT', 'REFERRER_COMMISSION') OR beneficiary_user_id IS NOT NULL),
  CHECK (entry_type <> 'PLATFORM_REVENUE' OR beneficiary_user_id IS NULL),
  CHECK ((entry_type = 'CLAWBACK') = (adjusts_entry_id IS NOT NULL)),
  CHECK (entry_type = 'CLAWBACK' OR status NOT IN ('APPROVED', 'PAYING', 'PAID') OR approved_at IS NOT NULL),
  CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
  CHECK ((status = 'VOID') = (voided_at IS NOT NULL)),
  CHECK (status <> 'VOID' OR void_reason IS NOT NULL)
) STRICT;
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
  adjusts_entry_id, earned_at, earned_month ON ledger_entries
WHEN NEW.id <> OLD.id OR NEW.deal_id <> OLD.deal_id OR NEW.entry_type <> OLD.entry_type
  OR NEW.beneficiary_user_id IS DISTINCT FROM OLD.beneficiary_user_id OR NEW.amount_cents <> OLD.amount_cents
  OR NEW.currency <> OLD.currency OR NEW.rate_bp IS DISTINCT FROM OLD.rate_bp OR NEW.basis_cents <> OLD.basis_cents
  OR NEW.basis <> OLD.basis OR NEW.adjusts_entry_id IS DISTINCT FROM OLD.adjusts_entry_id
  OR NEW.earned_at <> OLD.earned_at OR NEW.earned_month <> OLD.earned_month
BEGIN SELECT RAISE(ABORT, 'immutable: ledger_entries'); END;
CREATE TRIGGER ledger_entries_final BEFORE UPDATE OF status ON ledger_entries
WHEN NEW.status <> OLD.status AND OLD.status IN ('PAID', 'VOID')
BEGIN SELECT RAISE(ABORT, 'final: ledger_entries'); END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'no_delete: ledger_entries'); END;

CREATE TABLE ledger_status_history (
  id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  ledger_entry_id TEXT NOT NULL REFERENCES ledger_entries (id),
  from_status     TEXT          CHECK (from_status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  to_status       TEXT NOT NULL CHECK (to_status IN ('EARNED', 'APPROVED', 'PAYING', 'PAID', 'VOID')),
  note            TEXT,
  changed_at      TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by      TEXT REFERENCES users (id),
  actor           TEXT NOT NULL,
  token_id        TEXT,
  request_id      TEXT NOT NULL,
  operation       TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_status_history_by_entry ON ledger_status_history (ledger_entry_id);
CREATE TRIGGER ledger_status_history_no_update BEFORE UPDATE ON ledger_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: ledger_status_history'); END;
CREATE TRIGGER ledger_status_history_no_delete BEFORE DELETE ON ledger_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: ledger_status_history'); END;

-- What each payout was made of, also where it failed: the proof outlives the claim.
CREATE TABLE payout_entries (
  payout_id    TEXT    NOT NULL REFERENCES payouts (id),
  entry_id     TEXT    NOT NULL REFERENCES ledger_entries (id),
  amount_cents INTEGER NOT NULL CHECK (amount_cents BETWEEN 1 AND 9007199254740991),  -- a CLAWBACK's subtracts
  PRIMARY KEY (payout_id, entry_id)
) STRICT;
CREATE INDEX payout_entries_by_entry ON payout_entries (entry_id);
CREATE TRIGGER payout_entries_no_update BEFORE UPDATE ON payout_entries
BEGIN SELECT RAISE(ABORT, 'append_only: payout_entries'); END;
CREATE TRIGGER payout_entries_no_delete BEFORE DELETE ON payout_entries
BEGIN SELECT RAISE(ABORT, 'append_only: payout_entries'); END;
