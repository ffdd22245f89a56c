#include <fmt/format.h>

#include <algorithm>

#include "core/csv.h"
#include "core/error.h"
#include "ops/declare.h"
#include "ops/encoding.h"
#include "ops/input.h"
#include "studio/intake/operations.h"
#include "studio/intake/rows.h"
#include "studio/offers/offers.h"

namespace steward::intake {
namespace {

constexpr std::size_t kNamedLines = 100;

constexpr ops::Column kImportColumns[] = {
    {.name = "lines", .kind = ops::Kind::integer, .help = "Lines that hold an inquiry"},
    {.name = "imported", .kind = ops::Kind::integer, .help = "Of them, taken in now"},
    {.name = "unchanged", .kind = ops::Kind::integer, .help = "Of them, known already"},
    {.name = "file_hash", .help = "BLAKE2b-256 of the file"},
};

// ---- A line ----

// The value of a field as it would be typed; refused when JSON makes it something else than text or a whole number.
std::string typed_value(const Json& value, std::string_view field) {
  if (value.is_text()) return value.text();
  if (value.is_integer()) return std::to_string(value.integer());
  refuse_usage("invalid_json", fmt::format("{} is not text.", field), field);
}

struct Field {
  std::string_view name;
  bool required;
  void (*take)(Submission& into, std::string_view text, std::string_view field);
};

template <auto Member, class Argument>
void take(Submission& into, std::string_view text, std::string_view field) {
  into.*Member = ops::ArgumentType<Argument>::parse(text, field);
}

// The columns of intake_requests that whoever submits may fill, each read as 'intake submit' reads its argument.
constexpr Field kFields[] = {
    {"audience", true, take<&Submission::audience, Audience>},
    {"contact_name", true, take<&Submission::contact_name, ContactName>},
    {"contact_email", true, take<&Submission::contact_email, ops::Email>},
    {"organization_name", false, take<&Submission::organization_name, OrganizationName>},
    {"goals", true, take<&Submission::goals, Goals>},
    {"timeline", false, take<&Submission::timeline, Timeline>},
    {"constraints", false, take<&Submission::constraints, Constraints>},
    {"priority", false, take<&Submission::priority, Priority>},
    {"offer_slug", false, take<&Submission::offer_slug, ops::Slug>},
    {"referral_code", false, take<&Submission::referral_code, ReferralCode>},
};

void refuse_unknown(const Json& line) {
  for (const auto& [name, value] : line.members()) {
    if (std::ranges::find(kFields, name, &Field::name) != std::end(kFields)) continue;
    std::vector<std::string> known;
    for (const auto& field : kFields) known.emplace_back(field.name);
    refuse_usage("unknown_argument", fmt::format("There is no field '{}'; there are {}.", name, join(known, ", ")),
                 name);
  }
}

Submission submission_of(const Json& line) {
  if (!line.is_object()) refuse_usage("invalid_json", "The line is not a JSON object.");
  refuse_unknown(line);
  Submission out;
  for (const auto& field : kFields) {
    const auto* value = line.find(field.name);
    if (value && !value->is_null()) try {
        field.take(out, typed_value(*value, field.name), field.name);
      } catch (Error& error) {
        error.at(field.name);
        throw;
      }
    else if (field.required)
      refuse_usage("missing_argument", fmt::format("{} is missing.", field.name), field.name);
  }
  require_complete(out, "organization_name");
  return out;
}

// ---- The file ----

// Takes each good line in as it comes, until the first bad one; from there on it only looks for more.
class Import final : public JsonLineHandler {
 public:
  explicit Import(ops::Context& context) : context_(context) {}

  // What is known already is not checked against offers of today: the same file stays good.
  void record(std::int64_t line, Json value) override {
    ++lines;
    try {
      const auto submission = submission_of(value);
      const auto hash = goals_hash(submission);
      if (is_known(submission, hash)) {
        ++unchanged;
        return;
      }
      if (submission.offer_slug) offers::require_active(offers::find_offer(context_.tx, *submission.offer_slug));
      if (bad > 0) return;
      insert_intake(context_, submission, hash);
      ++imported;
    } catch (const Error& error) {
      if (!is_of_the_line(error)) throw;
      bad_line(line, error, {});
    }
  }

  void bad_line(std::int64_t line, const Error& error, std::string_view) override {
    ++bad;
    if (named_.items().size() == kNamedLines) return;
    // Of an offer's error the file's own field is meant.
    const auto field = error.field() == "offer" ? "offer_slug" : error.field();
    named_.push(
        Json{{"line", line},
             {"field", field.empty() ? Json() : Json(field)},
             {"code", error.code()},
             {"message", fmt::format("Line {}{}{}: {}", line, field.empty() ? "" : ", ", field, error.what())}});
  }

  void require_good(const std::string& file) const {
    if (bad == 0) return;
    throw Error{ErrorKind::usage, "invalid_lines",
                fmt::format("{} of {} can't be taken in, so nothing was.", count_of(bad, "line"),
                            file == "-" ? "standard input" : file),
                "Correct them, and import the whole file again."}
        .at("file")
        .with(Json{{"count", bad}, {"lines", named_}});
  }

  std::size_t lines = 0, imported = 0, unchanged = 0, bad = 0;

 private:
  bool is_known(const Submission& submission, std::string_view hash) {
    return same_row(context_.tx, submission, hash) ||
           same_request(context_.tx, submission, hash, context_.now() - kSameWithin);
  }

  // A busy database or a full disk is no fault of the line's.
  static bool is_of_the_line(const Error& error) {
    return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::not_found ||
           error.kind() == ErrorKind::conflict;
  }

  ops::Context& context_;
  Json named_ = Json::array();
};

struct ImportArgs {
  ops::FilePath file;
};

// Reads the file once, through both the lines and the hash.
std::string read_into(Import& import, const std::string& path) {
  ops::InputFile file(path);
  ops::Blake2b hash;
  read_records(
      [&](std::span<char> buffer) {
        const auto got = file.read(buffer);
        hash.update({buffer.data(), got});
        return got;
      },
      import);
  return hash.hex();
}

ops::Change import_intake(ops::Context& context, const ImportArgs& args) {
  Import import(context);
  const auto hash = read_into(import, args.file.value);
  import.require_good(args.file.value);
  const Json summary{
      {"lines", import.lines}, {"imported", import.imported}, {"unchanged", import.unchanged}, {"file_hash", hash}};
  if (import.lines == 0) return ops::Change::none("intake_import", hash, "There is no inquiry in the file.", summary);
  if (import.imported == 0)
    return ops::Change::none("intake_import", hash, "Every inquiry of the file is known already.", summary);
  ops::Change change;
  change.target_type = "intake_import";
  change.target_id = hash;
  change.sentence = fmt::format("Took in {}; {} known already.", count_of(import.imported, "inquiry", "inquiries"),
                                import.unchanged == 1 ? "1 was" : fmt::format("{} were", import.unchanged));
  change.data = summary;
  change.metadata = summary;
  change.next = "steward intake list --status NEW";
  return change;
}

}  // namespace

void register_import(ops::Registry& registry) {
  registry.add(ops::declare<ImportArgs>("intake.import", "Take in inquiries from a file of JSON lines or CSV")
                   .details("One JSON object a line, or CSV with a header row: audience, contact_name, contact_email "
                            "and goals, and if there are "
                            "any organization_name, timeline, constraints, priority, offer_slug, referral_code. All of "
                            "the file is taken in or nothing, and every bad line is named. A line that was imported "
                            "before, or that says what the same address said within a day, changes nothing.")
                   .option("file", &ImportArgs::file, "The file; - is standard input")
                   .needs("intake:write")
                   .also(handlers())
                   .example("steward intake import --file inquiries.jsonl")
                   .returns(kImportColumns)
                   .writes(import_intake));
}

}  // namespace steward::intake
