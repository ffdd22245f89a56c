-- migrations/0018_payees.sqlite.sql
-- Room:   studio/ledger              Twin: 0018_payees.postgres.sql
-- Adds:   payout_tax_info
-- Needs:  0002 (users)
-- Units:  country is ISO 3166-1 alpha-2; what is 'v1:…' is encrypted under the key file (src/ops/sealed.cpp names these
--         columns), and nothing else can be put there; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE payout_tax_info (
  id            TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  user_id       TEXT    NOT NULL UNIQUE REFERENCES users (id),
  entity_type   TEXT    NOT NULL CHECK (entity_type IN ('INDIVIDUAL', 'SOLE_PROPRIETOR', 'LLC', 'S_CORP', 'C_CORP', 'COMPANY', 'OTHER')),
  legal_name    TEXT    NOT NULL CHECK (legal_name LIKE 'v1:%'),
  address_line1 TEXT    NOT NULL CHECK (address_line1 LIKE 'v1:%'),
  address_line2 TEXT    CHECK (address_line2 LIKE 'v1:%'),
  city          TEXT    NOT NULL CHECK (city LIKE 'v1:%'),
  state         TEXT    CHECK (state LIKE 'v1:%'),
  postal_code   TEXT    CHECK (postal_code LIKE 'v1:%'),           -- some countries have none
  country       TEXT    NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id        TEXT    CHECK (tax_id LIKE 'v1:%'),
  created_by    TEXT    REFERENCES users (id),
  version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at    TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  updated_at    TEXT    NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (country <> 'US' OR state IS NOT NULL)
) STRICT;
CREATE INDEX payout_tax_info_by_country ON payout_tax_info (country);

-- Whose they are is bound into the ciphertexts by the row's id.
CREATE TRIGGER payout_tax_info_immutable
BEFORE UPDATE OF id, user_id, created_at ON payout_tax_info
WHEN NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'immutable: payout_tax_info'); END;
CREATE TRIGGER payout_tax_info_no_delete BEFORE DELETE ON payout_tax_info
BEGIN SELECT RAISE(ABORT, 'no_delete: payout_tax_info'); END;
