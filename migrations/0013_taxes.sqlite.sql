-- migrations/0013_taxes.sqlite.sql
-- Room:   studio/taxes, lines        Twin: 0013_taxes.postgres.sql
-- Adds:   taxes; lines, taxes and parties of proposals and invoices; their tax_cents
-- Needs:  0006 (proposals, invoices)
-- Units:  *_cents count minor units of the document's currency; quantity_e4 counts ten-thousandths; rate_bp are basis points
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE taxes (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  code       TEXT    NOT NULL CHECK (code = upper(code) AND length(code) BETWEEN 1 AND 20),
  treatment  TEXT    NOT NULL CHECK (treatment IN ('STANDARD', 'EXEMPT', 'REVERSE_CHARGE')),
  rate_bp    INTEGER NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000),
  valid_from TEXT    NOT NULL CHECK (valid_from LIKE '____-__-__'),  -- the first date of a document that it is for
  created_by TEXT    REFERENCES users (id),
  created_at TEXT    NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
  CHECK (treatment = 'STANDARD' OR rate_bp = 0)
) STRICT;
CREATE UNIQUE INDEX taxes_once ON taxes (code, valid_from);
CREATE TRIGGER taxes_no_update BEFORE UPDATE ON taxes
BEGIN SELECT RAISE(ABORT, 'append_only: taxes'); END;
CREATE TRIGGER taxes_no_delete BEFORE DELETE ON taxes
BEGIN SELECT RAISE(ABORT, 'append_only: taxes'); END;

-- What a document asks for, line by line; its taxes are rounded once for all lines of one tax.
CREATE TABLE proposal_lines (
  proposal_id      TEXT    NOT NULL REFERENCES proposals (id),
  position         INTEGER NOT NULL CHECK (position >= 1),
  description      TEXT    NOT NULL CHECK (length(description) > 0),
  quantity_e4      INTEGER NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           TEXT    REFERENCES taxes (id),           -- null: no tax is stated
  PRIMARY KEY (proposal_id, position)
) STRICT;
CREATE INDEX proposal_lines_by_tax ON proposal_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE proposal_taxes (
  proposal_id TEXT    NOT NULL REFERENCES proposals (id),
  position    INTEGER NOT NULL CHECK (position >= 1),
  tax_id      TEXT    REFERENCES taxes (id),
  net_cents   INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents   INTEGER NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (proposal_id, position)
) STRICT;
CREATE INDEX proposal_taxes_by_tax ON proposal_taxes (tax_id) WHERE tax_id IS NOT NULL;

CREATE TABLE invoice_lines (
  invoice_id       TEXT    NOT NULL REFERENCES invoices (id),
  position         INTEGER NOT NULL CHECK (position >= 1),
  description      TEXT    NOT NULL CHECK (length(description) > 0),
  quantity_e4      INTEGER NOT NULL CHECK (quantity_e4 BETWEEN 1 AND 9007199254740991),
  unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents BETWEEN -9007199254740991 AND 9007199254740991),
  net_cents        INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_id           TEXT    REFERENCES taxes (id),
  PRIMARY KEY (invoice_id, position)
) STRICT;
CREATE INDEX invoice_lines_by_tax ON invoice_lines (tax_id) WHERE tax_id IS NOT NULL;
CREATE TABLE invoice_taxes (
  invoice_id TEXT    NOT NULL REFERENCES invoices (id),
  position   INTEGER NOT NULL CHECK (position >= 1),
  tax_id     TEXT    REFERENCES taxes (id),
  net_cents  INTEGER NOT NULL CHECK (net_cents BETWEEN -9007199254740991 AND 9007199254740991),
  tax_cents  INTEGER NOT NULL CHECK (tax_cents BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (invoice_id, position)
) STRICT;
CREATE INDEX invoice_taxes_by_tax ON invoice_taxes (tax_id) WHERE tax_id IS NOT NULL;

-- amount_cents stays what the client pays: gross. What was made before this migration states no tax.
ALTER TABLE proposals ADD COLUMN tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND 9007199254740991);
ALTER TABLE invoices ADD COLUMN tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents BETWEEN 0 AND 9007199254740991);
INSERT INTO proposal_lines (proposal_id, position, description, quantity_e4, unit_price_cents, net_cents)
  SELECT id, 1, title, 10000, amount_cents, amount_cents FROM proposals;
INSERT INTO proposal_taxes (proposal_id, position, net_cents, tax_cents) SELECT id, 1, amount_cents, 0 FROM proposals;
INSERT INTO invoice_lines (invoice_id, position, description, quantity_e4, unit_price_cents, net_cents)
  SELECT i.id, 1, coalesce(p.title, 'As agreed'), 10000, i.amount_cents, i.amount_cents
    FROM invoices i LEFT JOIN proposals p ON p.id = i.proposal_id;
INSERT INTO invoice_taxes (invoice_id, position, net_cents, tax_cents) SELECT id, 1, amount_cents, 0 FROM invoices;

-- A document's lines and taxes are as unchangeable as itself; a draft's are replaced, never edited.
CREATE TRIGGER proposals_tax_immutable BEFORE UPDATE OF tax_cents ON proposals
WHEN OLD.number IS NOT NULL AND NEW.tax_cents <> OLD.tax_cents
BEGIN SELECT RAISE(ABORT, 'immutable: proposals'); END;
CREATE TRIGGER invoices_tax_immutable BEFORE UPDATE OF tax_cents ON invoices
WHEN OLD.number IS NOT NULL AND NEW.tax_cents <> OLD.tax_cents
BEGIN SELECT RAISE(ABORT, 'immutable: invoices'); END;
CREATE TRIGGER proposal_lines_no_update BEFORE UPDATE ON proposal_lines
BEGIN SELECT RAISE(ABORT, 'immutable: proposal_lines'); END;
CREATE TRIGGER proposal_lines_no_delete BEFORE DELETE ON proposal_lines
WHEN (SELECT number FROM proposals WHERE proposals.id = OLD.proposal_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'immutable: proposal_lines'); END;
CREATE TRIGGER proposal_taxes_no_update BEFORE UPDATE ON proposal_taxes
BEGIN SELECT RAISE(ABORT, 'immutable: proposal_taxes'); END;
CREATE TRIGGER proposal_taxes_no_delete BEFORE DELETE ON proposal_taxes
WHEN (SELECT number FROM proposals WHERE proposals.id = OLD.proposal_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'immutable: proposal_taxes'); END;
CREATE TRIGGER invoice_lines_no_update BEFORE UPDATE ON invoice_lines
BEGIN SELECT RAISE(ABORT, 'immutable: invoice_lines'); END;
CREATE TRIGGER invoice_lines_no_delete BEFORE DELETE ON invoice_lines
WHEN (SELECT number FROM invoices WHERE invoices.id = OLD.invoice_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'immutable: invoice_lines'); END;
CREATE TRIGGER invoice_taxes_no_update BEFORE UPDATE ON invoice_taxes
BEGIN SELECT RAISE(ABORT, 'immutable: invoice_taxes'); END;
CREATE TRIGGER invoice_taxes_no_delete BEFORE DELETE ON invoice_taxes
WHEN (SELECT number FROM invoices WHERE invoices.id = OLD.invoice_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'immutable: invoice_taxes'); END;

-- Who the two sides were on the day of the document, whatever becomes of them.
CREATE TABLE proposal_parties (
  proposal_id TEXT NOT NULL REFERENCES proposals (id),
  role        TEXT NOT NULL CHECK (role IN ('SELLER', 'CLIENT')),
  legal_name  TEXT NOT NULL CHECK (length(legal_name) > 0),
  address     TEXT NOT NULL CHECK (length(address) > 0),
  country     TEXT NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id      TEXT,
  email       TEXT,
  PRIMARY KEY (proposal_id, role)
) STRICT;
CREATE TRIGGER proposal_parties_no_update BEFORE UPDATE ON proposal_parties
BEGIN SELECT RAISE(ABORT, 'immutable: proposal_parties'); END;
CREATE TRIGGER proposal_parties_no_delete BEFORE DELETE ON proposal_parties
BEGIN SELECT RAISE(ABORT, 'no_delete: proposal_parties'); END;
CREATE TABLE invoice_parties (
  invoice_id  TEXT NOT NULL REFERENCES invoices (id),
  role        TEXT NOT NULL CHECK (role IN ('SELLER', 'CLIENT')),
  legal_name  TEXT NOT NULL CHECK (length(legal_name) > 0),
  address     TEXT NOT NULL CHECK (length(address) > 0),
  country     TEXT NOT NULL CHECK (length(country) = 2 AND country = upper(country)),
  tax_id      TEXT,
  email       TEXT,
  PRIMARY KEY (invoice_id, role)
) STRICT;
CREATE TRIGGER invoice_parties_no_update BEFORE UPDATE ON invoice_parties
BEGIN SELECT RAISE(ABORT, 'immutable: invoice_parties'); END;
CREATE TRIGGER invoice_parties_no_delete BEFORE DELETE ON invoice_parties
BEGIN SELECT RAISE(ABORT, 'no_delete: invoice_parties'); END;
