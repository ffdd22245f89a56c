-- migrations/0009_packages.postgres.sql
-- Room:   studio/offers              Twin: 0009_packages.sqlite.sql
-- Adds:   offer_packages             Needs: 0003 (offers)
-- Units:  price_cents counts minor units of `currency` (ISO 4217); *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE offer_packages (
  id          uuid             NOT NULL PRIMARY KEY,
  offer_id    uuid             NOT NULL REFERENCES offers (id),
  name        text COLLATE "C" NOT NULL CHECK (length(name) > 0),
  scope       text COLLATE "C" NOT NULL CHECK (length(scope) > 0),     -- what it contains
  price_label text COLLATE "C" CHECK (length(price_label) > 0),        -- a price in words, where it is no amount: "on request"
  price_cents bigint           CHECK (price_cents BETWEEN 1 AND 9007199254740991),
  currency    text COLLATE "C" CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the offer's when it was priced
  sort_order  bigint           NOT NULL DEFAULT 100,                   -- lower comes first
  removed_at  timestamptz(3),                                          -- null: it is offered
  created_by  uuid             REFERENCES users (id),
  version     bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at  timestamptz(3)   NOT NULL,
  updated_at  timestamptz(3)   NOT NULL,
  CHECK ((price_cents IS NULL) = (currency IS NULL)),
  CHECK (price_cents IS NULL OR price_label IS NULL)
);
CREATE UNIQUE INDEX offer_packages_once ON offer_packages (offer_id, name) WHERE removed_at IS NULL;
CREATE INDEX offer_packages_by_offer ON offer_packages (offer_id, sort_order);
CREATE TRIGGER offer_packages_no_delete BEFORE DELETE ON offer_packages FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: offer_packages');
CREATE TRIGGER offer_packages_no_truncate BEFORE TRUNCATE ON offer_packages
EXECUTE FUNCTION steward_refuse('no_delete: offer_packages');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON offer_packages FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
