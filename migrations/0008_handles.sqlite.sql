-- migrations/0008_handles.sqlite.sql
-- Room:   every room whose records are named by the tail of their id (src/ops/handle.cpp)  Twin: 0008_handles.postgres.sql
-- Adds:   an index over the last six hex digits of the id, the shortest tail that names a record: without it a tail is
--         looked for in the whole table (150 ms of a processor at 1,000,000 invoices)
-- Needs:  0002 (action_proposals), 0004 (intake_requests), 0005 (deals), 0006 (proposals, invoices, payments), 0007
--         (ledger_entries); people, tokens and offers stay few
-- Units:  none
-- Undo:   drop the indexes; once landed this file is never edited
CREATE INDEX action_proposals_by_tail ON action_proposals (substr(CAST(id AS text), 31));
CREATE INDEX intake_requests_by_tail  ON intake_requests  (substr(CAST(id AS text), 31));
CREATE INDEX deals_by_tail            ON deals            (substr(CAST(id AS text), 31));
CREATE INDEX proposals_by_tail        ON proposals        (substr(CAST(id AS text), 31));
CREATE INDEX invoices_by_tail         ON invoices         (substr(CAST(id AS text), 31));
CREATE INDEX payments_by_tail         ON payments         (substr(CAST(id AS text), 31));
CREATE INDEX ledger_entries_by_tail   ON ledger_entries   (substr(CAST(id AS text), 31));
