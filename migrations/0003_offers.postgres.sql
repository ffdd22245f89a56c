-- migrations/0003_offers.postgres.sql
-- Room:   studio/offers, ledger      Twin: 0003_offers.sqlite.sql
-- Adds:   rates offers offer_price_history            Needs: 0002 (users)
-- Units:  *_cents count minor units of `currency` (ISO 4217); rate_bp are basis points (6000 = 60 %); *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE rates (
  id             uuid             NOT NULL PRIMARY KEY,
  name           text COLLATE "C" NOT NULL CHECK (name IN ('PROVIDER', 'REFERRER')),
  rate_bp        bigint           NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000),
  effective_from timestamptz(3)   NOT NULL,
  created_at     timestamptz(3)   NOT NULL,
  created_by     uuid             REFERENCES users (id),
  UNIQUE (name, effective_from)
);
-- A rate in force is never edited: the next one takes over at its effective_from.
CREATE TRIGGER rates_no_update BEFORE UPDATE ON rates FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: rates');
CREATE TRIGGER rates_no_delete BEFORE DELETE ON rates FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: rates');
CREATE TRIGGER rates_no_truncate BEFORE TRUNCATE ON rates
EXECUTE FUNCTION steward_refuse('append_only: rates');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON rates FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE offers (
  id                uuid             NOT NULL PRIMARY KEY,
  slug              text COLLATE "C" NOT NULL UNIQUE CHECK (slug = lower(slug) AND length(slug) BETWEEN 1 AND 100),
  title             text COLLATE "C" NOT NULL CHECK (length(title) > 0),
  summary           text COLLATE "C" NOT NULL,
  audience          text COLLATE "C" NOT NULL CHECK (audience IN ('INDIVIDUAL', 'GROUP', 'BOTH')),
  delivery_mode     text COLLATE "C" NOT NULL CHECK (delivery_mode IN ('ONLINE', 'IN_PERSON', 'HYBRID')),
  status            text COLLATE "C" NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE')),  -- INACTIVE is also the archive: no delete
  booking_url       text COLLATE "C",
  outcomes_json     jsonb,                                  -- canonical JSON array of sentences
  price_cents       bigint           CHECK (price_cents BETWEEN 0 AND 9007199254740991),  -- null: not priced yet, or free
  is_free           boolean          NOT NULL DEFAULT false,
  currency          text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  duration_label    text COLLATE "C" NOT NULL DEFAULT '',
  refund_policy_key text COLLATE "C" NOT NULL DEFAULT 'standard',
  created_by        uuid             REFERENCES users (id),
  version           bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        timestamptz(3)   NOT NULL,
  updated_at        timestamptz(3)   NOT NULL,
  -- free and priced exclude each other; a price of 0 must be said to be free
  CHECK ((is_free AND coalesce(price_cents, 0) = 0) OR (NOT is_free AND coalesce(price_cents, 1) > 0)),
  CHECK (status <> 'ACTIVE' OR is_free OR price_cents IS NOT NULL)
);
CREATE INDEX offers_by_status ON offers (status);
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON offers FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

CREATE TABLE offer_price_history (
  id           uuid             NOT NULL PRIMARY KEY,
  offer_id     uuid             NOT NULL REFERENCES offers (id),
  from_cents   bigint           CHECK (from_cents BETWEEN 0 AND 9007199254740991),  -- null: had no price
  to_cents     bigint           CHECK (to_cents BETWEEN 0 AND 9007199254740991),
  currency     text COLLATE "C" NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  reason       text COLLATE "C" NOT NULL,
  effective_at timestamptz(3)   NOT NULL,
  changed_at   timestamptz(3)   NOT NULL,
  changed_by   uuid             REFERENCES users (id),
  actor        text COLLATE "C" NOT NULL,
  token_id     text COLLATE "C",
  request_id   text COLLATE "C" NOT NULL,
  operation    text COLLATE "C" NOT NULL
);
CREATE INDEX offer_price_history_by_offer ON offer_price_history (offer_id);
CREATE TRIGGER offer_price_history_no_update BEFORE UPDATE ON offer_price_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: offer_price_history');
CREATE TRIGGER offer_price_history_no_delete BEFORE DELETE ON offer_price_history FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: offer_price_history');
CREATE TRIGGER offer_price_history_no_truncate BEFORE TRUNCATE ON offer_price_history
EXECUTE FUNCTION steward_refuse('append_only: offer_price_history');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON offer_price_history FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
