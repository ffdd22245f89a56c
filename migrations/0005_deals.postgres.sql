-- migrations/0005_deals.postgres.sql
-- Room:   studio/deals               Twin: 0005_deals.sqlite.sql
-- Adds:   deals deal_status_history  Needs: 0002 (users), 0003 (offers, rates), 0004 (intake_requests)
-- Units:  agreed_price_cents counts minor units of agreed_currency; *_rate_bp are basis points; *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE deals (
  id                         uuid             NOT NULL PRIMARY KEY,
  intake_id                  uuid             NOT NULL UNIQUE REFERENCES intake_requests (id),  -- one deal an intake
  offer_slug                 text COLLATE "C" NOT NULL REFERENCES offers (slug),
  status                     text COLLATE "C" NOT NULL CHECK (status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID',
                                       'IN_PROGRESS', 'DELIVERED', 'CLOSED', 'REFUNDED')),
  -- what was agreed, as it stood when the deal was made
  agreed_price_cents         bigint           NOT NULL CHECK (agreed_price_cents BETWEEN 0 AND 9007199254740991),
  agreed_currency            text COLLATE "C" NOT NULL CHECK (length(agreed_currency) = 3
                                       AND agreed_currency = upper(agreed_currency)),
  provider_rate_bp           bigint           NOT NULL CHECK (provider_rate_bp BETWEEN 0 AND 10000),
  referrer_rate_bp           bigint           NOT NULL CHECK (referrer_rate_bp BETWEEN 0 AND 10000),
  provider_rate_id           uuid             NOT NULL REFERENCES rates (id),
  referrer_rate_id           uuid             NOT NULL REFERENCES rates (id),
  referrer_user_id           uuid             REFERENCES users (id),
  requested_provider_user_id uuid             REFERENCES users (id),
  -- the current assignment and its approval: a new assignment empties the approval
  provider_user_id           uuid             REFERENCES users (id),
  maestro_user_id            uuid             REFERENCES users (id),
  approval_id                uuid,                          -- the deal_status_history row that approved
  approved_by                uuid             REFERENCES users (id),
  approved_actor             text COLLATE "C",
  approved_at                timestamptz(3),
  dispute_opened_at          timestamptz(3),                -- while set, its ledger entries are frozen
  created_by                 uuid             REFERENCES users (id),
  version                    bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at                 timestamptz(3)   NOT NULL,
  updated_at                 timestamptz(3)   NOT NULL,
  CHECK (provider_rate_bp + referrer_rate_bp <= 10000),
  CHECK (provider_user_id <> maestro_user_id),              -- nobody supervises himself
  CHECK (provider_user_id <> referrer_user_id),
  CHECK ((approval_id IS NULL) = (approved_at IS NULL)),
  CHECK (status NOT IN ('QUEUED', 'ASSIGNED') OR approval_id IS NULL),
  CHECK (status IN ('QUEUED', 'REFUNDED') OR (provider_user_id IS NOT NULL AND maestro_user_id IS NOT NULL)),
  CHECK (status IN ('QUEUED', 'ASSIGNED', 'REFUNDED') OR approval_id IS NOT NULL)
);
CREATE INDEX deals_by_status ON deals (status);
CREATE INDEX deals_by_offer ON deals (offer_slug);
CREATE INDEX deals_by_provider ON deals (provider_user_id) WHERE provider_user_id IS NOT NULL;
CREATE INDEX deals_by_maestro ON deals (maestro_user_id) WHERE maestro_user_id IS NOT NULL;
CREATE INDEX deals_by_referrer ON deals (referrer_user_id) WHERE referrer_user_id IS NOT NULL;

CREATE TRIGGER deals_immutable
BEFORE UPDATE OF id, intake_id, offer_slug, agreed_price_cents, agreed_currency, provider_rate_bp, referrer_rate_bp,
  provider_rate_id, referrer_rate_id ON deals FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.intake_id <> OLD.intake_id OR NEW.offer_slug <> OLD.offer_slug
  OR NEW.agreed_price_cents <> OLD.agreed_price_cents OR NEW.agreed_currency <> OLD.agreed_currency
  OR NEW.provider_rate_bp <> OLD.provider_rate_bp OR NEW.referrer_rate_bp <> OLD.referrer_rate_bp
  OR NEW.provider_rate_id <> OLD.provider_rate_id OR NEW.referrer_rate_id <> OLD.referrer_rate_id)
EXECUTE FUNCTION steward_refuse('immutable: deals');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON deals FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- An offer keeps its currency once a deal was made of it.
CREATE FUNCTION offers_currency_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.currency <> OLD.currency AND EXISTS (SELECT 1 FROM deals WHERE deals.offer_slug = OLD.slug) THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offers_currency_immutable BEFORE UPDATE OF currency ON offers FOR EACH ROW
EXECUTE FUNCTION offers_currency_immutable('immutable: offers');

CREATE TABLE deal_status_history (
  id                   uuid             NOT NULL PRIMARY KEY,
  deal_id              uuid             NOT NULL REFERENCES deals (id),
  from_status          text COLLATE "C" CHECK (from_status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID',
                                       'IN_PROGRESS', 'DELIVERED', 'CLOSED', 'REFUNDED')),
  to_status            text COLLATE "C" NOT NULL CHECK (to_status IN ('QUEUED', 'ASSIGNED', 'MAESTRO_APPROVED', 'PAID',
                                       'IN_PROGRESS', 'DELIVERED', 'CLOSED', 'REFUNDED')),
  note                 text COLLATE "C",
  old_provider_user_id uuid             REFERENCES users (id),  -- the four are set by an assignment only
  new_provider_user_id uuid             REFERENCES users (id),
  old_maestro_user_id  uuid             REFERENCES users (id),
  new_maestro_user_id  uuid             REFERENCES users (id),
  changed_at           timestamptz(3)   NOT NULL,
  changed_by           uuid             REFERENCES users (id),
  actor                text COLLATE "C" NOT NULL,
  token_id             text COLLATE "C",
  request_id           text COLLATE "C" NOT NULL,
  operation            text COLLATE "C" NOT NULL
);
CREATE INDEX deal_status_history_by_deal ON deal_status_history (deal_id);
CREATE TRIGGER deal_status_history_no_update BEFORE UPDATE ON deal_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: deal_status_history');
CREATE TRIGGER deal_status_history_no_delete BEFORE DELETE ON deal_status_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: deal_status_history');
CREATE TRIGGER deal_status_history_no_truncate BEFORE TRUNCATE ON deal_status_history
EXECUTE FUNCTION steward_refuse('append_only: deal_status_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON deal_status_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
