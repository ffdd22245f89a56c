-- migrations/0010_approvals.postgres.sql
-- Room:   studio/approvals           Twin: 0010_approvals.sqlite.sql
-- Adds:   action_proposals.rehearsal, state_hash: what a request would do, and the records it was rehearsed on
-- Needs:  0002 (action_proposals)
-- Units:  state_hash as src/ops/approval.h says; a request that was filed before this migration has none, so it is
--         proposed anew (a request waits for 24 hours at most)
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
ALTER TABLE action_proposals ADD COLUMN rehearsal text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE action_proposals ADD COLUMN state_hash text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(state_hash) IN (0, 64));

-- What is executed is what was rehearsed.
CREATE TRIGGER action_proposals_bound
BEFORE UPDATE OF rehearsal, state_hash ON action_proposals FOR EACH ROW
WHEN (NEW.rehearsal <> OLD.rehearsal OR NEW.state_hash <> OLD.state_hash)
EXECUTE FUNCTION steward_refuse('immutable: action_proposals');
