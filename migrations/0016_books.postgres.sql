-- migrations/0016_books.postgres.sql
-- Room:   studio/closing             Twin: 0016_books.sqlite.sql
-- Adds:   book_closings: up to which day the books are closed; what is dated in there is neither added nor undone
-- Needs:  0002 (users)
-- Units:  until_date is a day in studio.timezone, closed itself; *_at are instants, to the millisecond
-- Undo:   restore the backup that `db migrate` made; once landed this file is never edited
CREATE TABLE book_closings (
  id         uuid             NOT NULL PRIMARY KEY,
  until_date date             NOT NULL UNIQUE,
  closed_by  uuid             REFERENCES users (id),
  actor      text COLLATE "C" NOT NULL,
  created_at timestamptz(3)   NOT NULL
);
CREATE INDEX book_closings_by_tail ON book_closings (substr(CAST(id AS text), 31));
CREATE FUNCTION book_closings_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM book_closings WHERE book_closings.until_date > NEW.until_date) THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER book_closings_later BEFORE INSERT ON book_closings FOR EACH ROW
EXECUTE FUNCTION book_closings_later('books_closed: book_closings');
CREATE TRIGGER book_closings_no_update BEFORE UPDATE ON book_closings FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: book_closings');
CREATE TRIGGER book_closings_no_delete BEFORE DELETE ON book_closings FOR EACH ROW
EXECUTE FUNCTION steward_refuse('append_only: book_closings');
CREATE TRIGGER book_closings_no_truncate BEFORE TRUNCATE ON book_closings
EXECUTE FUNCTION steward_refuse('append_only: book_closings');
CREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON book_closings FOR EACH ROW
WHEN (current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();
