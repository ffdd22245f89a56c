-- migrations/0009_packages.sqlite.sql
-- Room:   studio/offers              Twin: 0009_packages.postgres.sql
-- Adds:   offer_packages             Needs: 0003 (offers)
-- Units:  price_cents counts minor units of `currency` (ISO 4217); *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE offer_packages (
  id          TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  offer_id    TEXT    NOT NULL REFERENCES offers (id),
  name        TEXT    NOT NULL CHECK (length(name) > 0),
  scope       TEXT    NOT NULL CHECK (length(scope) > 0),     -- what it contains
  price_label TEXT    CHECK (length(price_label) > 0),        -- a price in words, where it is no amount: "on request"
  price_cents INTEGER CHECK (price_cents BETWEEN 1 AND 9007199254740991),
  currency    TEXT    CHECK (length(currency) = 3 AND currency = upper(currency)),  -- the offer's when it was priced
  sort_order  INTEGER NOT NULL DEFAULT 100,                   -- lower comes first
  removed_at  TEXT    CHECK (removed_at LIKE '____-__-__T__:__:__.___Z'),  -- null: it is offered
  created_by  TEXT    REFERENCES users (id),
  version     INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at  TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at  TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK ((price_cents IS NULL) = (currency IS NULL)),
  CHECK (price_cents IS NULL OR price_label IS NULL)
) STRICT;
CREATE UNIQUE INDEX offer_packages_once ON offer_packages (offer_id, name) WHERE removed_at IS NULL;
CREATE INDEX offer_packages_by_offer ON offer_packages (offer_id, sort_order);
CREATE TRIGGER offer_packages_no_delete BEFORE DELETE ON offer_packages
BEGIN SELECT RAISE(ABORT, 'no_delete: offer_packages'); END;
