#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "ops/declare.h"
#include "studio/numbering/rows.h"

namespace steward::numbering {
namespace {

constexpr ops::Column kColumns[] = {
    {.name = "series", .help = "INV, CN or PRO"},
    {.name = "year", .kind = ops::Kind::integer},
    {.name = "next", .help = "The number that the next document gets"},
    {.name = "last", .help = "The last that this database knows; null when there is none"},
    {.name = "lost",
     .kind = ops::Kind::integer,
     .help = "Numbers between the two, given after the backup; null when none of that year is here"},
};

/// What was asked for: a series' year, and the number it is to go on at.
struct Wish {
  const Series& series;
  int year;
  std::int64_t number;

  std::string text() const { return spell(series, year, number); }
  std::string text(std::int64_t other) const { return spell(series, year, other); }
};

// nullopt in a year of which this database knows no number.
std::optional<std::int64_t> lost(const Wish& wish, const Standing& standing) {
  return standing.next ? std::optional(wish.number - *standing.next) : std::nullopt;
}

Json record(const Wish& wish, const Standing& standing) {
  const auto missing = lost(wish, standing);
  const bool any = standing.next && *standing.next > 1;
  return Json{{"series", wish.series.code},
              {"year", wish.year},
              {"next", wish.text()},
              {"last", any ? Json(wish.text(*standing.next - 1)) : Json()},
              {"lost", missing ? Json(*missing) : Json()}};
}

void require_open(const Wish& wish, const Standing& standing) {
  if (standing.open()) return;
  throw Error{ErrorKind::conflict, "not_paused",
              standing.next ? fmt::format("The {}s of {} are not paused, and the next is {}.", wish.series.noun,
                                          wish.year, wish.text(*standing.next))
                            : fmt::format("The {}s of {} are not paused.", wish.series.noun, wish.year),
              "Numbers are without gaps; only after a restore somebody has to say where they go on."};
}

void require_free(const Wish& wish, const Standing& standing) {
  if (!standing.next || wish.number >= *standing.next) return;
  throw Error{
      ErrorKind::conflict, "number_taken",
      fmt::format("{} was given already: this database's last is {}.", wish.text(), wish.text(*standing.next - 1)),
      fmt::format("N is the next number to give: {} or more.", *standing.next)}
      .at("number")
      .with(Json{{"next", *standing.next}});
}

std::string sentence_of(const Wish& wish, const Standing& standing) {
  const auto goes_on = fmt::format("The {}s of {} go on at {}", wish.series.noun, wish.year, wish.text());
  if (!standing.next) return goes_on + ", the first of that year in this database.";
  const auto missing = static_cast<std::size_t>(wish.number - *standing.next);
  if (missing == 0) return goes_on + ": none was given after the backup.";
  return fmt::format("{}: {} before it {} given after the backup, and {} not in this database.", goes_on,
                     count_of(missing, "number"), missing == 1 ? "was" : "were", missing == 1 ? "is" : "are");
}

ops::Declaration<ConfirmArgs> declared(const Series& series) {
  return ops::declare<ConfirmArgs>(fmt::format("{}.confirm-number", series.group),
                                   fmt::format("Say at which number {} go on after a restore", series.group))
      .positional("number", &ConfirmArgs::number,
                  fmt::format("The next number to give: 43 when {}-2026-0042 was really sent", series.code))
      .option("year", &ConfirmArgs::year, "The year of the numbers; this one, in studio.timezone, if absent")
      .details(
          "A backup does not know the numbers that were given after it, so a restore pauses numbering. Look at "
          "the last document that a client really has; one number after it is N. A number that this "
          "database has given already is refused. It can be corrected until the first number is taken.")
      .needs(fmt::format("{}:write", series.group))
      .risk(ops::Risk::high)
      .example(fmt::format("steward {} confirm-number 43", series.group))
      .returns(kColumns);
}

}  // namespace

ops::Change confirm(ops::Context& context, const Series& series, const ConfirmArgs& args) {
  const auto year = args.year ? static_cast<int>(args.year->value) : static_cast<int>(context.today().ymd.year());
  const Wish wish{series, year, args.number};
  const auto standing = standing_of(context.tx, series, year);
  const auto target = spell(series, year);
  const bool held = standing.open() ? standing.confirmed == wish.number : standing.next == wish.number;
  if (held)
    return ops::Change::none("numbering", target, fmt::format("{} is the next number already.", wish.text()),
                             record(wish, standing));
  require_open(wish, standing);
  require_free(wish, standing);
  store_confirmed(context.tx, series, year, wish.number, standing);
  ops::Change change;
  change.target_type = "numbering";
  change.target_id = target;
  change.sentence = sentence_of(wish, standing);
  change.data = record(wish, standing);
  change.metadata = Json{{"before", Json{{"next", standing.next ? Json(*standing.next) : Json()},
                                         {"confirmed", standing.confirmed ? Json(*standing.confirmed) : Json()}}},
                         {"after", Json{{"next", wish.number}}}};
  change.next = fmt::format("steward {} list --status DRAFT", series.group);
  return change;
}

void register_confirm(ops::Registry& registry, const Series& series,
                      ops::Change (*handler)(ops::Context&, const ConfirmArgs&)) {
  if (series.group != kCreditNotes.group) return registry.add(declared(series).writes(handler));
  registry.add(declared(series)
                   .option("credit-notes", &ConfirmArgs::credit_notes, "The credit notes' own numbers are meant")
                   .example(fmt::format("steward {} confirm-number 7{}", series.group, kCreditNotes.confirm_flag))
                   .writes(handler));
}

}  // namespace steward::numbering
