#pragma once
#include <string>
#include <vector>

/// A document as it is printed: every text is already what the reader sees. Nothing here knows a database, and the
/// module that draws it (module.h) sees no more of steward than this header, so it includes the standard library only.
namespace steward::pdf {

enum class Kind { invoice, credit_note, proposal, statement };

/// Lies large and pale across every page.
enum class Mark { none, draft, voided };

/// Who sends it. Empty members are left out.
struct Studio {
  std::string name;                ///< the legal name
  std::vector<std::string> lines;  ///< address, tax number, how to write to it
  std::string logo_png;            ///< the bytes of a PNG
  std::string colour;              ///< "#1F3A5F"; any other text, or none: the house's own
};

/// Whom it is for.
struct Party {
  std::string name;
  std::vector<std::string> lines;
};

/// "Due" and "2026-04-01".
struct Fact {
  std::string label, value;
};

struct Column {
  std::string title;
  enum class Is { words, brief, figure } is = Is::words;  ///< words take what room there is; figures stand right
};

struct Sum {
  std::string label, amount;
  bool strong = false;  ///< what the reader looks for
};

/// Rows under a header that every page repeats; its sums never leave the last row.
struct Table {
  std::string heading;  ///< above it; may be empty
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< a cell a column
  std::vector<Sum> sums;
};

/// One thing that is invoiced. Empty members are left out, and a column that is empty throughout too.
struct Line {
  std::string description, quantity, unit_price, tax, amount;
};

struct Document {
  Kind kind = Kind::invoice;
  std::string title;   ///< "Invoice"
  std::string number;  ///< "INV-2026-0001"; empty for a draft
  std::string date;    ///< YYYY-MM-DD; the file's own date, for the clock is no part of it
  Mark mark = Mark::none;
  Studio studio;
  Party client;
  std::vector<Fact> facts;  ///< beside the client: dates, references
  std::vector<Table> tables;
  std::vector<Fact> payment;  ///< how it is paid; may be empty
  std::string notes, terms;   ///< below it all; may be empty and may have line breaks
  std::string font;           ///< a font file, or a folder of them, to set it in; empty: the house's own
};

Table table_of(const std::vector<Line>& lines);

}  // namespace steward::pdf
