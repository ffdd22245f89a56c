-- migrations/0015_revisions.postgres.sql
-- Room:   studio/proposals           Twin: 0015_revisions.sqlite.sql
-- Adds:   proposals.revision, replaces_id, accepted_by, evidence, evidence_hash
-- Needs:  0006 (proposals)
-- Units:  revision counts from 1; evidence_hash is 64 lower-case hex digits (BLAKE2b-256 of a file)
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
-- A proposal that was sent is never edited: its next revision is one of its own, and sending that ends this one.
ALTER TABLE proposals ADD COLUMN revision bigint NOT NULL DEFAULT 1 CHECK (revision >= 1);
ALTER TABLE proposals ADD COLUMN replaces_id uuid REFERENCES proposals (id)
  CHECK ((replaces_id IS NOT NULL) = (revision > 1));
CREATE INDEX proposals_by_replaced ON proposals (replaces_id) WHERE replaces_id IS NOT NULL;
-- Who of the client's side said yes, and what shows it: words, and the hash of a file.
ALTER TABLE proposals ADD COLUMN accepted_by text COLLATE "C" CHECK (accepted_by IS NULL OR (length(accepted_by) > 0 AND status = 'ACCEPTED'));
ALTER TABLE proposals ADD COLUMN evidence text COLLATE "C" CHECK (evidence IS NULL OR (length(evidence) > 0 AND status = 'ACCEPTED'));
ALTER TABLE proposals ADD COLUMN evidence_hash text COLLATE "C" CHECK (evidence_hash IS NULL OR (length(evidence_hash) = 64 AND status = 'ACCEPTED'));
CREATE TRIGGER proposals_acceptance_immutable
BEFORE UPDATE OF accepted_by, evidence, evidence_hash, revision, replaces_id ON proposals FOR EACH ROW
WHEN (OLD.status = 'ACCEPTED' AND (NEW.accepted_by IS DISTINCT FROM OLD.accepted_by OR NEW.evidence IS DISTINCT FROM OLD.evidence
  OR NEW.evidence_hash IS DISTINCT FROM OLD.evidence_hash OR NEW.revision <> OLD.revision
  OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id))
EXECUTE FUNCTION steward_refuse('immutable: proposals');
