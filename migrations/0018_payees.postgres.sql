-- migrations/0018_payees.postgres.sql
-- Room:   studio/ledger              Twin: 0018_payees.sqlite.sql
-- Adds:   payout_tax_info
-- Needs:  0002 (users)
-- Units:  country is ISO 3166-1 alpha-2; what is 'v1:…' is encrypted under the key file (src/ops/sealed.cpp names these
--         columns), and nothing else can be put there; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE payout_tax_info (
  id            uuid             NOT NULL PRIMARY KEY,
  user_id       uuid             NOT NULL UNIQUE REFERENCES users (id),
  entity_type   text COLLATE "C" NOT NULL CHECK (entity_type IN ('INDIVIDUAL', 'SOLE_PROPRIETOR', 'LLC', 'S_CORP', 'C_CORP', 'COMPANY', 'OTHER')),
  legal_name    text COLLATE "C" NOT NULL CHECK (legal_name LIKE 'v1:%'),
  address_line1 text COLLATE "C" NOT NULL CHECK (address_line1 LIKE 'v1:%'),
  address_line2 text COLLATE "C" CHECK (address_line2 LIKE 'v1:%'),
  city          text COLLATE "C" NOT NULL CHECK (city LIKE 'v1:%'),
  state         text COLLATE "C" CHECK (state LIKE 'v1:%'),
  postal_code   text COLLATE "C" CHECK (postal_code LIKE 'v1:%'),           -- some countries have none
  country       text COLLATE "C" NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id        text COLLATE "C" CHECK (tax_id LIKE 'v1:%'),
  created_by    uuid             REFERENCES users (id),
  version       bigint           NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at    timestamptz(3)   NOT NULL,
  updated_at    timestamptz(3)   NOT NULL,
  CHECK (country <> 'US' OR state IS NOT NULL)
);
CREATE INDEX payout_tax_info_by_country ON payout_tax_info (country);

-- Whose they are is bound into the ciphertexts by the row's id.
CREATE TRIGGER payout_tax_info_immutable
BEFORE UPDATE OF id, user_id, created_at ON payout_tax_info FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id OR NEW.created_at <> OLD.created_at)
EXECUTE FUNCTION steward_refuse('immutable: payout_tax_info');
CREATE TRIGGER payout_tax_info_no_delete BEFORE DELETE ON payout_tax_info FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: payout_tax_info');
CREATE TRIGGER payout_tax_info_no_truncate BEFORE TRUNCATE ON payout_tax_info
EXECUTE FUNCTION steward_refuse('no_delete: payout_tax_info');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON payout_tax_info FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
