#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "ops/context.h"
#include "ops/declare.h"
#include "ops/import_reading.h"

/// How a file of records comes into a room: docs/add-a-room.md, "An import". A room says which fields a line may have,
/// and what is to be done with a batch of lines; reading, naming bad lines, the file of rejects, the dry run's report
/// and the progress are the same for all.
namespace steward::ops {

/// What every import is told. A room that asks for more derives from it.
struct ImportArgs {
  FilePath file;
  std::vector<ColumnMap> map;
  std::optional<Delimiter> delimiter;
  std::optional<Charset> encoding;
  std::optional<DateFormat> date_format;
  std::optional<DecimalSign> decimal;
  bool skip_invalid = false;
  std::optional<NewFile> rejects;
};

/// The columns of an import's answer.
extern const std::span<const Column> kImportColumns;

/// Declares the options of ImportArgs, and that its two for rejects go together.
template <class Args>
Declaration<Args> declare_import(std::string path, std::string summary) {
  return declare<Args>(std::move(path), std::move(summary))
      .option("file", static_cast<FilePath Args::*>(&ImportArgs::file), "The file; - is standard input")
      .option("map", static_cast<std::vector<ColumnMap> Args::*>(&ImportArgs::map),
              "Which column is which field; none leaves the column out, *= all that are no field")
      .option("delimiter", static_cast<std::optional<Delimiter> Args::*>(&ImportArgs::delimiter),
              "What parts the columns of CSV, if it is not seen in the header")
      .option("encoding", static_cast<std::optional<Charset> Args::*>(&ImportArgs::encoding),
              "How letters are written, if not in UTF-8")
      .option("date-format", static_cast<std::optional<DateFormat> Args::*>(&ImportArgs::date_format),
              "How dates are written, if not YYYY-MM-DD")
      .option("decimal", static_cast<std::optional<DecimalSign> Args::*>(&ImportArgs::decimal),
              "What stands before the cents; the thousands may be parted then")
      .option("skip-invalid", static_cast<bool Args::*>(&ImportArgs::skip_invalid),
              "Take in the good lines, and put the others into --rejects")
      .option("rejects", static_cast<std::optional<NewFile> Args::*>(&ImportArgs::rejects),
              "Where refused lines go, each with its reason, to be mended and imported again")
      .check([](const Args& args) { check_import(args); });
}
/// Errors: usage "missing_argument" for one of --skip-invalid and --rejects without the other; "invalid_target" for
/// rejects on standard output or in place of the file itself.
void check_import(const ImportArgs& args);

/// A field that a line may have, by its column in the model: `{"priority", false, take<&Row::priority, Priority>}`.
template <class Record>
struct ImportField {
  std::string_view name;
  bool required;
  void (*take)(Record& into, std::string_view text, const Reading& reading, std::string_view field);
};

/// What becomes of a line.
enum class Fate { created, updated, unchanged, refused };
inline constexpr std::array<std::string_view, 4> kFateNames{"created", "updated", "unchanged", "refused"};
constexpr EnumNames names_of(Fate) { return {"fate", kFateNames}; }

template <class Record>
struct ImportLine {
  std::int64_t number;  ///< as an editor counts
  Record record;
  Fate fate = Fate::created;
  std::optional<Error> error;  ///< why it is refused

  void refuse(Error why) {
    fate = Fate::refused;
    error = std::move(why);
  }
  bool is_kept() const { return fate == Fate::created || fate == Fate::updated; }
};

/// A room's part of an import. Its functions are called in this order, once for each batch of some thousand lines.
template <class Record>
class Importer {
 public:
  using Line = ImportLine<Record>;

  virtual ~Importer() = default;
  /// What a line must be beyond its fields, without the database; what it throws makes it a bad line.
  virtual void check(const Record&) {}
  /// Sets the fate of every line, or refuse()s it: with db::ask_each, never a statement a line.
  virtual void decide(std::span<Line> batch) = 0;
  /// Writes those that are kept (Line::is_kept), with db::bulk_insert.
  virtual void keep(std::span<Line> batch) = 0;
  /// What a dry run calls a line: an address, a number.
  virtual std::string name_of(const Record& record) = 0;
};

/// What a file is of: "intake_import" is the audit row's target, the nouns are for people.
struct ImportKind {
  std::string_view target, one, many;
};

/// One batch of lines, whatever they are made of: what the mechanism sees of an Importer.
class ImportBatch {
 public:
  struct Field {
    std::string_view name;
    bool required;
  };
  virtual ~ImportBatch() = default;
  virtual const std::vector<Field>& fields() const = 0;
  virtual void open() = 0;  ///< a line without any field yet
  virtual void take(std::size_t field, std::string_view text, const Reading& reading) = 0;
  virtual void close(std::int64_t number) = 0;  ///< checks it and adds it
  virtual std::size_t size() const = 0;
  virtual void decide() = 0;
  virtual void keep() = 0;
  virtual void clear() = 0;
  virtual std::int64_t number(std::size_t at) const = 0;
  virtual Fate fate(std::size_t at) const = 0;
  virtual const Error* error(std::size_t at) const = 0;
  virtual std::string name(std::size_t at) const = 0;
};

template <class Record>
class BatchOf final : public ImportBatch {
 public:
  BatchOf(std::span<const ImportField<Record>> fields, Importer<Record>& importer)
      : takes_(fields), importer_(importer) {
    for (const auto& field : fields) fields_.push_back({field.name, field.required});
  }
  const std::vector<Field>& fields() const override { return fields_; }
  void open() override { next_ = Record{}; }
  void take(std::size_t field, std::string_view text, const Reading& reading) override {
    takes_[field].take(next_, text, reading, takes_[field].name);
  }
  void close(std::int64_t number) override {
    importer_.check(next_);
    lines_.push_back({number, std::move(next_), Fate::created, std::nullopt});
  }
  std::size_t size() const override { return lines_.size(); }
  void decide() override { importer_.decide(lines_); }
  void keep() override { importer_.keep(lines_); }
  void clear() override { lines_.clear(); }
  std::int64_t number(std::size_t at) const override { return lines_[at].number; }
  Fate fate(std::size_t at) const override { return lines_[at].fate; }
  const Error* error(std::size_t at) const override { return lines_[at].error ? &*lines_[at].error : nullptr; }
  std::string name(std::size_t at) const override { return importer_.name_of(lines_[at].record); }

 private:
  std::span<const ImportField<Record>> takes_;
  std::vector<Field> fields_;
  Importer<Record>& importer_;
  Record next_;
  std::vector<ImportLine<Record>> lines_;
};

/// Reads the file and hands it on batch by batch; memory does not grow with it. All of it is taken in, or with
/// --skip-invalid all that is good. The answer is the import's summary, its audit row the same with the file's hash.
/// Errors: usage "invalid_lines" whose details name every bad line (the first hundred, and how many there are); those
/// of reading the file; usage "unknown_argument", "missing_argument", "invalid_csv" for the header of CSV.
Change import_file(Context& context, const ImportArgs& args, const ImportKind& kind, ImportBatch& batch);

template <class Record>
Change import_file(Context& context, const ImportArgs& args, const ImportKind& kind,
                   std::span<const ImportField<Record>> fields, Importer<Record>& importer) {
  BatchOf<Record> batch(fields, importer);
  return import_file(context, args, kind, batch);
}

}  // namespace steward::ops
