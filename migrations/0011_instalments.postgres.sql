-- migrations/0011_instalments.postgres.sql
-- Room:   studio/ledger              Twin: 0011_instalments.sqlite.sql
-- Adds:   ledger_entries.part: money that comes once entries of a deal were claimed or paid out is divided by itself
-- Needs:  0007 (ledger_entries)
-- Units:  part counts from 1; what was earned before this migration is part 1
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
ALTER TABLE ledger_entries ADD COLUMN part bigint NOT NULL DEFAULT 1 CHECK (part >= 1);
DROP INDEX ledger_entries_once;
CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (deal_id, entry_type, part)
  WHERE status <> 'VOID' AND entry_type <> 'CLAWBACK';
CREATE TRIGGER ledger_entries_part_immutable BEFORE UPDATE OF part ON ledger_entries FOR EACH ROW
WHEN (NEW.part <> OLD.part)
EXECUTE FUNCTION steward_refuse('immutable: ledger_entries');
