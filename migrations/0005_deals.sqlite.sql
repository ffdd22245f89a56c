-- migrations/0005_deals.sqlite.sql
-- Room:   studio/deals               Twin: 0005_deals.postgres.sql
-- Adds:   deals deal_status_history  Needs: 0002 (users), 0003 (offers, rates), 0004 (intake_requests)
-- Units:  agreed_price_cents counts minor units of agreed_currency; *_rate_bp are basis points; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE deals (
  id                         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  intake_id                  TEXT    NOT NULL UNIQUE REFERENCES intake_requests (id),  -- one deal an intake
  offer_slug                 TEXT    NOT NULL REFERENCES offers (slug),
  status                     TEXT    NOT NULL CHECK (status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID', 'IN_PROGRESS',
                                       'DELIVERED', 'CLOSED', 'REFUNDED')),
  -- what was agreed, as it stood when the deal was made
  agreed_price_cents         INTEGER NOT NULL CHECK (agreed_price_cents BETWEEN 0 AND 9007199254740991),
  agreed_currency            TEXT    NOT NULL CHECK (length(agreed_currency) = 3 AND agreed_currency = upper(agreed_currency)),
  provider_rate_bp           INTEGER NOT NULL CHECK (provider_rate_bp BETWEEN 0 AND 10000),
  referrer_rate_bp           INTEGER NOT NULL CHECK (referrer_rate_bp BETWEEN 0 AND 10000),
  provider_rate_id           TEXT    NOT NULL REFERENCES rates (id),
  referrer_rate_id           TEXT    NOT NULL REFERENCES rates (id),
  referrer_user_id           TEXT    REFERENCES users (id),
  requested_provider_user_id TEXT    REFERENCES users (id),
  -- the current assignment and its approval: a new assignment empties the approval
  provider_user_id           TEXT    REFERENCES users (id),
  maestro_user_id            TEXT    REFERENCES users (id),
  approval_id                TEXT    CHECK (length(approval_id) = 36),  -- the deal_status_history row that approved
  approved_by                TEXT    REFERENCES users (id),
  approved_actor             TEXT,
  approved_at                TEXT    CHECK (approved_at LIKE '____-__-__T__:__:__.___Z'),
  dispute_opened_at          TEXT    CHECK (dispute_opened_at LIKE '____-__-__T__:__:__.___Z'),  -- while set, its ledger entries are frozen
  created_by                 TEXT    REFERENCES users (id),
  version                    INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at                 TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at                 TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (provider_rate_bp + referrer_rate_bp <= 10000),
  CHECK (provider_user_id <> maestro_user_id),              -- nobody supervises himself
  CHECK (provider_user_id <> referrer_user_id),
  CHECK ((approval_id IS NULL) = (approved_at IS NULL)),
  CHECK (status NOT IN ('QUEUED', 'ASSIGNED') OR approval_id IS NULL),
  CHECK (status IN ('QUEUED', 'REFUNDED') OR (provider_user_id IS NOT NULL AND maestro_user_id IS NOT NULL)),
  CHECK (status IN ('QUEUED', 'ASSIGNED', 'REFUNDED') OR approval_id IS NOT NULL)
) STRICT;
CREATE INDEX deals_by_status ON deals (status);
CREATE INDEX deals_by_offer ON deals (offer_slug);
CREATE INDEX deals_by_provider ON deals (provider_user_id) WHERE provider_user_id IS NOT NULL;
CREATE INDEX deals_by_maestro ON deals (maestro_user_id) WHERE maestro_user_id IS NOT NULL;
CREATE INDEX deals_by_referrer ON deals (referrer_user_id) WHERE referrer_user_id IS NOT NULL;

CREATE TRIGGER deals_immutable
BEFORE UPDATE OF id, intake_id, offer_slug, agreed_price_cents, agreed_currency, provider_rate_bp, referrer_rate_bp,
  provider_rate_id, referrer_rate_id ON deals
WHEN NEW.id <> OLD.id OR NEW.intake_id <> OLD.intake_id OR NEW.offer_slug <> OLD.offer_slug
  OR NEW.agreed_price_cents <> OLD.agreed_price_cents OR NEW.agreed_currency <> OLD.agreed_currency
  OR NEW.provider_rate_bp <> OLD.provider_rate_bp OR NEW.referrer_rate_bp <> OLD.referrer_rate_bp
  OR NEW.provider_rate_id <> OLD.provider_rate_id OR NEW.referrer_rate_id <> OLD.referrer_rate_id
BEGIN SELECT RAISE(ABORT, 'immutable: deals'); END;

-- An offer keeps its currency once a deal was made of it.
CREATE TRIGGER offers_currency_immutable BEFORE UPDATE OF currency ON offers
WHEN NEW.currency <> OLD.currency AND EXISTS (SELECT 1 FROM deals WHERE deals.offer_slug = OLD.slug)
BEGIN SELECT RAISE(ABORT, 'immutable: offers'); END;

CREATE TABLE deal_status_history (
  id                   TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  deal_id              TEXT NOT NULL REFERENCES deals (id),
  from_status          TEXT          CHECK (from_status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID', 'IN_PROGRESS',
                                       'DELIVERED', 'CLOSED', 'REFUNDED')),
  to_status            TEXT NOT NULL CHECK (to_status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID', 'IN_PROGRESS',
                                       'DELIVERED', 'CLOSED', 'REFUNDED')),
  note                 TEXT,
  old_provider_user_id TEXT REFERENCES users (id),          -- the four are set by an assignment only
  new_provider_user_id TEXT REFERENCES users (id),
  old_maestro_user_id  TEXT REFERENCES users (id),
  new_maestro_user_id  TEXT REFERENCES users (id),
  changed_at           TEXT NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by           TEXT REFERENCES users (id),
  actor                TEXT NOT NULL,
  token_id             TEXT,
  request_id           TEXT NOT NULL,
  operation            TEXT NOT NULL
) STRICT;
CREATE INDEX deal_status_history_by_deal ON deal_status_history (deal_id);
CREATE TRIGGER deal_status_history_no_update BEFORE UPDATE ON deal_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: deal_status_history'); END;
CREATE TRIGGER deal_status_history_no_delete BEFORE DELETE ON deal_status_history
BEGIN SELECT RAISE(ABORT, 'append_only: deal_status_history'); END;
