-- migrations/0016_books.sqlite.sql
-- Room:   studio/closing             Twin: 0016_books.postgres.sql
-- Adds:   book_closings: up to which day the books are closed; what is dated in there is neither added nor undone
-- Needs:  0002 (users)
-- Units:  until_date is a day in studio.timezone, closed itself; *_at are UTC, RFC 3339, milliseconds
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE book_closings (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
  until_date TEXT NOT NULL UNIQUE CHECK (until_date LIKE '____-__-__'),
  closed_by  TEXT REFERENCES users (id),
  actor      TEXT NOT NULL,
  created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z')
) STRICT;
CREATE INDEX book_closings_by_tail ON book_closings (substr(CAST(id AS text), 31));
CREATE TRIGGER book_closings_later BEFORE INSERT ON book_closings
WHEN EXISTS (SELECT 1 FROM book_closings WHERE book_closings.until_date > NEW.until_date)
BEGIN SELECT RAISE(ABORT, 'books_closed: book_closings'); END;
CREATE TRIGGER book_closings_no_update BEFORE UPDATE ON book_closings
BEGIN SELECT RAISE(ABORT, 'append_only: book_closings'); END;
CREATE TRIGGER book_closings_no_delete BEFORE DELETE ON book_closings
BEGIN SELECT RAISE(ABORT, 'append_only: book_closings'); END;
