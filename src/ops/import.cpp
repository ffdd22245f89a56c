#include "ops/import.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "core/charset.h"
#include "core/csv.h"
#include "ops/bad_lines.h"
#include "ops/encoding.h"
#include "ops/import_columns.h"
#include "ops/import_rejects.h"
#include "ops/input.h"

namespace steward::ops {
namespace {

constexpr Column kColumns[] = {
    {.name = "lines", .kind = Kind::integer, .help = "Lines that hold a record"},
    {.name = "imported", .kind = Kind::integer, .help = "Of them, taken in now"},
    {.name = "updated", .kind = Kind::integer, .help = "Of them, changing what was there"},
    {.name = "unchanged", .kind = Kind::integer, .help = "Of them, known already"},
    {.name = "rejected", .kind = Kind::integer, .help = "Of them, refused"},
    {.name = "file_hash", .help = "BLAKE2b-256 of the file"},
};

/// A batch: enough to make round trips few, few enough to be small.
constexpr std::size_t kBatchLines = 5000;
constexpr std::int64_t kBatchBytes = 4 * 1024 * 1024;
constexpr std::size_t kForetoldLines = 10'000;  ///< of a dry run

std::string file_in_words(const ImportArgs& args) {
  return args.file.value == "-" ? "standard input" : args.file.value;
}

/// A line that is refused before it comes into a batch, or out of one.
struct BadLine {
  std::int64_t number;
  Error error;
  Json record;           ///< as the file has it; null for what could not be read
  std::string original;  ///< what could not be read
};

// A busy database or a full disk is no fault of the line's.
bool is_of_the_line(const Error& error) {
  return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::not_found ||
         error.kind() == ErrorKind::conflict;
}

/// Says how far the reading is, and what is left of it by what it took so far.
class Estimate {
 public:
  explicit Estimate(const House& house, std::string file) : house_(house), file_(std::move(file)) {}

  void tell(std::int64_t position, std::int64_t size) const {
    if (!house_.progress || size == 0 || position == 0) return;
    const auto so_far = std::chrono::steady_clock::now() - start_;
    const auto left = std::chrono::duration<double>(so_far).count() * double(size - position) / double(position);
    house_.progress(
        fmt::format("Importing {}: {} %, about {} s left", file_, position * 100 / size, std::llround(left)));
  }

 private:
  const House& house_;
  std::string file_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One file on its way in. Good lines are written batch by batch; without --skip-invalid only until the first bad one,
/// from where on the rest is looked at only.
class Import final : public JsonLineHandler {
 public:
  Import(Context& context, const ImportArgs& args, ImportBatch& batch)
      : args_(args),
        batch_(batch),
        file_(args.file.value),
        columns_(args.map, batch.fields()),
        reading_{args.date_format, args.decimal},
        estimate_(context.house, file_in_words(args)),
        foretells_(context.request.dry_run) {
    if (args.rejects && !foretells_) rejects_.emplace(args.rejects->value, args.encoding);
  }

  /// Reads the file once, through both the lines and the hash.
  std::string read() {
    Blake2b hash;
    const auto source = as_utf8(
        [&](std::span<char> buffer) {
          const auto got = file_.read(buffer);
          hash.update({buffer.data(), got});
          return got;
        },
        args_.encoding);
    read_records(source, *this, args_.delimiter ? std::optional(args_.delimiter->character) : std::nullopt);
    flush();
    return hash.hex();
  }

  void columns(const std::vector<std::string>& names, char delimiter) override {
    columns_.require_header(names);
    if (rejects_) rejects_->columns(names, delimiter);
  }

  void record(std::int64_t number, Json value) override {
    ++lines;
    try {
      take(number, value);
      if (rejects_) originals_.push_back(std::move(value));
    } catch (const Error& error) {
      if (!is_of_the_line(error)) throw;
      bad_.push_back({number, error, rejects_ ? std::move(value) : Json(), {}});
    }
    flush_if_full();
  }

  void bad_line(std::int64_t number, const Error& error, std::string_view original) override {
    ++lines;
    bad_.push_back({number, error, {}, rejects_ ? std::string(original) : std::string()});
    flush_if_full();
  }

  void require_good() const {
    if (counts[Fate::refused] == 0 || args_.skip_invalid) return;
    throw Error{ErrorKind::usage, "invalid_lines",
                fmt::format("{} of {} can't be taken in, so nothing was.", count_of(counts[Fate::refused], "line"),
                            file_in_words(args_)),
                "Correct them, and import the whole file again; or take in the others with --skip-invalid --rejects "
                "FILE."}
        .at("file")
        .with(named_.details());
  }

  std::shared_ptr<StagedFile> rejects() const { return rejects_ ? rejects_->file() : nullptr; }
  Json foretold() { return foretells_ ? std::move(foretold_) : Json(); }

  std::size_t lines = 0;
  struct Counts {
    std::size_t of[kFateNames.size()] = {};
    std::size_t& operator[](Fate fate) { return of[static_cast<std::size_t>(fate)]; }
    std::size_t operator[](Fate fate) const { return of[static_cast<std::size_t>(fate)]; }
  } counts;

 private:
  void take(std::int64_t number, const Json& record) {
    const auto& values = columns_.values(record);
    batch_.open();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& field = batch_.fields()[i];
      if (values[i]) try {
          take_value(i, *values[i], field.name);
        } catch (Error& error) {
          error.at(field.name);
          throw;
        }
      else if (field.required)
        refuse_usage("missing_argument", fmt::format("{} is missing.", field.name), field.name);
    }
    batch_.close(number);
  }

  // A number of JSON is written in one way only, whatever the options say of texts.
  void take_value(std::size_t field, const Json& value, std::string_view name) {
    static const Reading kAsIs;
    if (value.is_text() && value.text().find('\r') != std::string::npos)
      return batch_.take(field, with_line_feeds(value.text()), reading_);
    if (value.is_text()) return batch_.take(field, value.text(), reading_);
    if (value.is_integer()) return batch_.take(field, std::to_string(value.integer()), kAsIs);
    if (value.is_decimal()) return batch_.take(field, value.decimal(), kAsIs);
    refuse_usage("invalid_json", fmt::format("{} is neither text nor a number.", name), name);
  }

  void flush_if_full() {
    if (batch_.size() + bad_.size() >= kBatchLines || file_.position() - flushed_ >= kBatchBytes) flush();
  }

  void flush() {
    batch_.decide();
    count();
    if (counts[Fate::refused] == 0 || args_.skip_invalid) batch_.keep();
    batch_.clear();
    originals_.clear();
    flushed_ = file_.position();
    estimate_.tell(flushed_, file_.size());
  }

  // The batch's lines and those that did not come into it, in the file's order.
  void count() {
    std::size_t at = 0;
    for (auto& bad : bad_) {
      for (; at < batch_.size() && batch_.number(at) < bad.number; ++at) count_line(at);
      refused(bad);
    }
    for (; at < batch_.size(); ++at) count_line(at);
    bad_.clear();
  }

  void count_line(std::size_t at) {
    if (const auto* error = batch_.error(at)) {
      BadLine bad{batch_.number(at), *error, rejects_ ? std::move(originals_[at]) : Json(), {}};
      return refused(bad);
    }
    ++counts[batch_.fate(at)];
    if (foretells_) foretell(batch_.number(at), batch_.fate(at), batch_.name(at));
  }

  void refused(const BadLine& bad) {
    ++counts[Fate::refused];
    named_.add(bad.number, bad.error);
    if (foretells_) foretell(bad.number, Fate::refused, bad.error.what());
    if (!rejects_) return;
    if (bad.record.is_null())
      rejects_->add_unread(bad.number, bad.original, bad.error);
    else
      rejects_->add(bad.number, bad.record, bad.error);
  }

  void foretell(std::int64_t number, Fate fate, const std::string& what) {
    if (foretold_.items().size() < kForetoldLines)
      foretold_.push(Json{{"line", number}, {"fate", to_text(fate)}, {"what", what}});
  }

  const ImportArgs& args_;
  ImportBatch& batch_;
  InputFile file_;
  ImportColumns columns_;
  Reading reading_;
  Estimate estimate_;
  std::optional<Rejects> rejects_;
  std::vector<Json> originals_;  ///< of the batch's lines, while they may be rejected
  std::vector<BadLine> bad_;     ///< since the last batch
  BadLines named_;
  Json foretold_ = Json::array();
  std::int64_t flushed_ = 0;
  bool foretells_;
};

Json summary_of(const Import& import, const std::string& hash) {
  return Json{{"lines", import.lines},
              {"imported", import.counts[Fate::created]},
              {"updated", import.counts[Fate::updated]},
              {"unchanged", import.counts[Fate::unchanged]},
              {"rejected", import.counts[Fate::refused]},
              {"file_hash", hash}};
}

std::string sentence_of(const Import& import, const ImportKind& kind) {
  const auto& counts = import.counts;
  auto out = fmt::format("Took in {}", count_of(counts[Fate::created], kind.one, kind.many));
  if (counts[Fate::updated] > 0) out += fmt::format(", changed {}", counts[Fate::updated]);
  out +=
      fmt::format("; {} known already", counts[Fate::unchanged] == 1 ? std::string("1 was")
                                                                     : fmt::format("{} were", counts[Fate::unchanged]));
  if (counts[Fate::refused] > 0) out += fmt::format(", and {} refused", count_of(counts[Fate::refused], "line"));
  return out + ".";
}

std::string nothing_new(const Import& import, const ImportKind& kind) {
  if (import.lines == 0) return fmt::format("There is no {} in the file.", kind.one);
  if (import.counts[Fate::unchanged] == 0) return "Every line of the file is refused.";
  return import.counts[Fate::refused] == 0
             ? fmt::format("Every {} of the file is known already.", kind.one)
             : fmt::format("Every {} of the file that is not refused is known already.", kind.one);
}

}  // namespace

const std::span<const Column> kImportColumns = kColumns;

void check_import(const ImportArgs& args) {
  if (args.skip_invalid != args.rejects.has_value())
    refuse_usage("missing_argument", "--skip-invalid and --rejects FILE go together: no line is dropped in silence.",
                 args.rejects ? "skip-invalid" : "rejects");
  if (!args.rejects) return;
  std::error_code none;
  if (is_standard_output(args.rejects->value) ||
      std::filesystem::equivalent(args.rejects->value, args.file.value, none))
    refuse_usage("invalid_target", fmt::format("The rejects can't go to {}.", args.rejects->value), "rejects",
                 "Name another file.");
}

Change import_file(Context& context, const ImportArgs& args, const ImportKind& kind, ImportBatch& batch) {
  Import import(context, args, batch);
  const auto hash = import.read();
  import.require_good();
  const auto summary = summary_of(import, hash);
  const bool changed = import.counts[Fate::created] + import.counts[Fate::updated] > 0;
  auto change = changed ? Change() : Change::none(std::string(kind.target), hash, nothing_new(import, kind), summary);
  if (import.counts[Fate::refused] > 0 && import.counts[Fate::unchanged] == 0)
    change.warnings.clear();  // nothing of the file was so already
  if (changed) {
    change.target_type = kind.target;
    change.target_id = hash;
    change.sentence = sentence_of(import, kind);
    change.data = change.metadata = summary;
  }
  if (context.request.dry_run && import.lines > kForetoldLines)
    change.warnings.push_back({"lines_left_out", fmt::format("The first {} lines are listed; {} more are not.",
                                                             kForetoldLines, import.lines - kForetoldLines)});
  change.lines = import.foretold();
  if (const auto refused = import.counts[Fate::refused]; refused > 0)
    change.warnings.push_back(
        {"invalid_lines", fmt::format("{} can't be taken in; {} says why.", count_of(refused, "line"),
                                      context.request.dry_run ? "this list" : args.rejects->value)});
  if (auto rejects = import.rejects()) context.files.push_back(std::move(rejects));
  return change;
}

}  // namespace steward::ops
