-- migrations/0003_offers.sqlite.sql
-- Room:   studio/offers, ledger      Twin: 0003_offers.postgres.sql
-- Adds:   rates offers offer_price_history            Needs: 0002 (users)
-- Units:  *_cents count minor units of `currency` (ISO 4217); rate_bp are basis points (6000 = 60 %); *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE rates (
  id             TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  name           TEXT    NOT NULL CHECK (name IN ('PROVIDER', 'REFERRER')),
  rate_bp        INTEGER NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000),
  effective_from TEXT    NOT NULL CHECK (effective_from LIKE '____-__-__T__:__:__.___Z'),
  created_at     TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  created_by     TEXT    REFERENCES users (id),
  UNIQUE (name, effective_from)
) STRICT;
-- A rate in force is never edited: the next one takes over at its effective_from.
CREATE TRIGGER rates_no_update BEFORE UPDATE ON rates
BEGIN SELECT RAISE(ABORT, 'append_only: rates'); END;
CREATE TRIGGER rates_no_delete BEFORE DELETE ON rates
BEGIN SELECT RAISE(ABORT, 'append_only: rates'); END;

CREATE TABLE offers (
  id                TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  slug              TEXT    NOT NULL UNIQUE CHECK (slug = lower(slug) AND length(slug) BETWEEN 1 AND 100),
  title             TEXT    NOT NULL CHECK (length(title) > 0),
  summary           TEXT    NOT NULL,
  audience          TEXT    NOT NULL CHECK (audience IN ('INDIVIDUAL', 'GROUP', 'BOTH')),
  delivery_mode     TEXT    NOT NULL CHECK (delivery_mode IN ('ONLINE', 'IN_PERSON', 'HYBRID')),
  status            TEXT    NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE')),  -- INACTIVE is also the archive: no delete
  booking_url       TEXT,
  outcomes_json     TEXT,                                   -- canonical JSON array of sentences
  price_cents       INTEGER CHECK (price_cents BETWEEN 0 AND 9007199254740991),  -- null: not priced yet, or free
  is_free           INTEGER NOT NULL DEFAULT 0 CHECK (is_free IN (0, 1)),
  currency          TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  duration_label    TEXT    NOT NULL DEFAULT '',
  refund_policy_key TEXT    NOT NULL DEFAULT 'standard',
  created_by        TEXT    REFERENCES users (id),
  version           INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at        TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at        TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  -- free and priced exclude each other; a price of 0 must be said to be free
  CHECK ((is_free = 1 AND coalesce(price_cents, 0) = 0) OR (is_free = 0 AND coalesce(price_cents, 1) > 0)),
  CHECK (status <> 'ACTIVE' OR is_free = 1 OR price_cents IS NOT NULL)
) STRICT;
CREATE INDEX offers_by_status ON offers (status);

CREATE TABLE offer_price_history (
  id           TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  offer_id     TEXT    NOT NULL REFERENCES offers (id),
  from_cents   INTEGER CHECK (from_cents BETWEEN 0 AND 9007199254740991),  -- null: had no price
  to_cents     INTEGER CHECK (to_cents BETWEEN 0 AND 9007199254740991),
  currency     TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  reason       TEXT    NOT NULL,
  effective_at TEXT    NOT NULL CHECK (effective_at LIKE '____-__-__T__:__:__.___Z'),
  changed_at   TEXT    NOT NULL CHECK (changed_at LIKE '____-__-__T__:__:__.___Z'),
  changed_by   TEXT    REFERENCES users (id),
  actor        TEXT    NOT NULL,
  token_id     TEXT,
  request_id   TEXT    NOT NULL,
  operation    TEXT    NOT NULL
) STRICT;
CREATE INDEX offer_price_history_by_offer ON offer_price_history (offer_id);
CREATE TRIGGER offer_price_history_no_update BEFORE UPDATE ON offer_price_history
BEGIN SELECT RAISE(ABORT, 'append_only: offer_price_history'); END;
CREATE TRIGGER offer_price_history_no_delete BEFORE DELETE ON offer_price_history
BEGIN SELECT RAISE(ABORT, 'append_only: offer_price_history'); END;
