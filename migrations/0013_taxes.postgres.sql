-- migrations/0013_taxes.postgres.sql
-- Room:   studio/taxes, lines        Twin: 0013_taxes.sqlite.sql
-- Adds:   taxes; lines, taxes and parties of proposals and invoices; their tax_cents
-- Needs:  0006 (proposals, invoices)
-- Units:  *_cents count minor units of the document's currency; quantity_e4 counts ten-thousandths; rate_bp are basis points
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE taxes (
  id         uuid             NOT NULL PRIMARY KEY,
  code       text COLLATE "C" NOT NULL CHECK (code = upper(code) AND length(code) BETWEEN 1 AND 20),
  treatment  text COLLATE "C" NOT NULL CHECK (treatment IN ('STANDARD', 'EXEMPT', 'REVERSE_CHARGE')),
  rate_bp    bigint           NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000),
  valid_from date             NOT NULL,  -- the first date of a document that it is for
  created_by uuid             REFERENCES users (id),
  created_at timestamptz(3)   NOT NULL,
  CHECK (treatment = 'STANDARD' OR rate_bp = 0)
);
CREATE UNIQUE INDEX taxes_once ON taxes (code, valid_from);
CREATE TRIGGER taxes_no_update BEFORE UPDATE ON taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: taxes');
CREATE TRIGGER taxes_no_delete BEFORE DELETE ON taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: taxes');
CREATE TRIGGER taxes_no_truncate BEFORE TRUNCATE ON taxes
EXECUTE FUNCTION steward_refuse('append_only: taxes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON taxes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- What a document asks for, line by line; its taxes are rounded once for all lines of one tax.
CREATE TABLE proposal_lines (
  proposal_id      uuid             NOT NULL REFERENCES proposals (id),
  position         bigint           NOT NULL CHECK (position >= 1),
  description      text COLLATE "C" NOT NULL CHECK (length(description) > 0),
  quantity_e4      bigint           NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents bigint           NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        bigint           NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           uuid             REFERENCES taxes (id),           -- null: no tax is stated
  PRIMARY KEY (proposal_id, position)
);
CREATE INDEX proposal_lines_by_tax ON proposal_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE proposal_taxes (
  proposal_id uuid   NOT NULL REFERENCES proposals (id),
  position    bigint NOT NULL CHECK (position >= 1),
  tax_id      uuid   REFERENCES taxes (id),
  net_cents   bigint NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents   bigint NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (proposal_id, position)
);
CREATE INDEX proposal_taxes_by_tax ON proposal_taxes (tax_id) WHERE tax_id IS NOT NULL;

CREATE TABLE invoice_lines (
  invoice_id       uuid             NOT NULL REFERENCES invoices (id),
  position         bigint           NOT NULL CHECK (position >= 1),
  description      text COLLATE "C" NOT NULL CHECK (length(description) > 0),
  quantity_e4      bigint           NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents bigint           NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        bigint           NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           uuid             REFERENCES taxes (id),
  PRIMARY KEY (invoice_id, position)
);
CREATE INDEX invoice_lines_by_tax ON invoice_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE invoice_taxes (
  invoice_id uuid   NOT NULL REFERENCES invoices (id),
  position   bigint NOT NULL CHECK (position >= 1),
  tax_id     uuid   REFERENCES taxes (id),
  net_cents  bigint NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents  bigint NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (invoice_id, position)
);
CREATE INDEX invoice_taxes_by_tax ON invoice_taxes (tax_id) WHERE tax_id IS NOT NULL;

-- amount_cents stays what the client pays: gross. What was made before this migration states no tax.
ALTER TABLE proposals ADD COLUMN tax_cents bigint NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND 9007199254740991);
ALTER TABLE invoices ADD COLUMN tax_cents bigint NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND 9007199254740991);
INSERT INTO proposal_lines (proposal_id, position, description, quantity_e4, unit_price_cents, net_cents)
  SELECT id, 1, title, 10000, amount_cents, amount_cents FROM proposals;
INSERT INTO proposal_taxes (proposal_id, position, net_cents, tax_cents) SELECT id, 1, amount_cents, 0 FROM proposals;
INSERT INTO invoice_lines (invoice_id, position, description, quantity_e4, unit_price_cents, net_cents)
  SELECT i.id, 1, coalesce(p.title, 'As agreed'), 10000, i.amount_cents, i.amount_cents
    FROM invoices i LEFT JOIN proposals p ON p.id = i.proposal_id;
INSERT INTO invoice_taxes (invoice_id, position, net_cents, tax_cents) SELECT id, 1, amount_cents, 0 FROM invoices;

-- A document's lines and taxes are as unchangeable as itself; a draft's are replaced, never edited.
CREATE TRIGGER proposals_tax_immutable BEFORE UPDATE OF tax_cents ON proposals FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND NEW.tax_cents <> OLD.tax_cents)
EXECUTE FUNCTION steward_refuse('immutable: proposals');
CREATE TRIGGER invoices_tax_immutable BEFORE UPDATE OF tax_cents ON invoices FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND NEW.tax_cents <> OLD.tax_cents)
EXECUTE FUNCTION steward_refuse('immutable: invoices');
CREATE TRIGGER proposal_lines_no_update BEFORE UPDATE ON proposal_lines FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: proposal_lines');
CREATE FUNCTION proposal_lines_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT number FROM proposals WHERE proposals.id = OLD.proposal_id) IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER proposal_lines_no_delete BEFORE DELETE ON proposal_lines FOR EACH ROW
EXECUTE FUNCTION proposal_lines_no_delete('immutable: proposal_lines');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON proposal_lines FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
CREATE TRIGGER proposal_taxes_no_update BEFORE UPDATE ON proposal_taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: proposal_taxes');
CREATE FUNCTION proposal_taxes_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT number FROM proposals WHERE proposals.id = OLD.proposal_id) IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER proposal_taxes_no_delete BEFORE DELETE ON proposal_taxes FOR EACH ROW
EXECUTE FUNCTION proposal_taxes_no_delete('immutable: proposal_taxes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON proposal_taxes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
CREATE TRIGGER invoice_lines_no_update BEFORE UPDATE ON invoice_lines FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: invoice_lines');
CREATE FUNCTION invoice_lines_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT number FROM invoices WHERE invoices.id = OLD.invoice_id) IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER invoice_lines_no_delete BEFORE DELETE ON invoice_lines FOR EACH ROW
EXECUTE FUNCTION invoice_lines_no_delete('immutable: invoice_lines');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON invoice_lines FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
CREATE TRIGGER invoice_taxes_no_update BEFORE UPDATE ON invoice_taxes FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: invoice_taxes');
CREATE FUNCTION invoice_taxes_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT number FROM invoices WHERE invoices.id = OLD.invoice_id) IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER invoice_taxes_no_delete BEFORE DELETE ON invoice_taxes FOR EACH ROW
EXECUTE FUNCTION invoice_taxes_no_delete('immutable: invoice_taxes');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON invoice_taxes FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();

-- Who the two sides were on the day of the document, whatever becomes of them.
CREATE TABLE proposal_parties (
  proposal_id uuid             NOT NULL REFERENCES proposals (id),
  role        text COLLATE "C" NOT NULL CHECK (role IN ('SELLER', 'CLIENT')),
  legal_name  text COLLATE "C" NOT NULL CHECK (length(legal_name) > 0),
  address     text COLLATE "C" NOT NULL CHECK (length(address) > 0),
  country     text COLLATE "C" NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id      text COLLATE "C",
  email       text COLLATE "C",
  PRIMARY KEY (proposal_id, role)
);
CREATE TRIGGER proposal_parties_no_update BEFORE UPDATE ON proposal_parties FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: proposal_parties');
CREATE TRIGGER proposal_parties_no_delete BEFORE DELETE ON proposal_parties FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: proposal_parties');
CREATE TRIGGER proposal_parties_no_truncate BEFORE TRUNCATE ON proposal_parties
EXECUTE FUNCTION steward_refuse('no_delete: proposal_parties');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON proposal_parties FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
CREATE TABLE invoice_parties (
  invoice_id uuid             NOT NULL REFERENCES invoices (id),
  role       text COLLATE "C" NOT NULL CHECK (role IN ('SELLER', 'CLIENT')),
  legal_name text COLLATE "C" NOT NULL CHECK (length(legal_name) > 0),
  address    text COLLATE "C" NOT NULL CHECK (length(address) > 0),
  country    text COLLATE "C" NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id     text COLLATE "C",
  email      text COLLATE "C",
  PRIMARY KEY (invoice_id, role)
);
CREATE TRIGGER invoice_parties_no_update BEFORE UPDATE ON invoice_parties FOR EACH ROW
EXECUTE FUNCTION steward_refuse('immutable: invoice_parties');
CREATE TRIGGER invoice_parties_no_delete BEFORE DELETE ON invoice_parties FOR EACH ROW
EXECUTE FUNCTION steward_refuse('no_delete: invoice_parties');
CREATE TRIGGER invoice_parties_no_truncate BEFORE TRUNCATE ON invoice_parties
EXECUTE FUNCTION steward_refuse('no_delete: invoice_parties');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON invoice_parties FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
