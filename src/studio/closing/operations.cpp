#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/closing/closing.h"
#include "studio/closing/rows.h"
#include "studio/closing/rules.h"

namespace steward::closing {
namespace {

Date first_day_of(std::chrono::year year) { return {year / std::chrono::January / 1}; }

struct CloseArgs {
  Date until;
};

// They are matched by their own day, which is closed then.
void warn_of_bank_lines(db::Tx& tx, Date until, ops::Change& change) {
  const auto waiting = waiting_bank_lines(tx, until);
  if (waiting == 0) return;
  change.warnings.push_back(
      {"bank_lines_waiting",
       fmt::format("{} of the period {} for no invoice: what came by them is recorded as of a later day now.",
                   count_of(static_cast<std::size_t>(waiting), "bank line"), waiting == 1 ? "stands" : "stand")});
}

ops::Change close_books(ops::Context& context, const CloseArgs& args) {
  require_over(args.until, context.today());
  const auto last = last_closing(context.tx);
  if (last && last->until == args.until)
    return ops::Change::none("closing", last->id.text,
                             fmt::format("The books are closed until {}.", to_text(last->until)),
                             closing_record(context.tx, last->id));
  require_later(args.until, last ? std::optional(last->until) : std::nullopt);
  const Closing closing{{context.new_id()}, args.until};
  insert_closing(context, closing);
  ops::Change change;
  change.target_type = "closing";
  change.target_id = closing.id.text;
  change.sentence =
      fmt::format("Closed the books until {}; nothing dated until then changes any more.", to_text(closing.until));
  change.data = closing_record(context.tx, closing.id);
  change.metadata = {{"before", Json{{"until_date", last ? Json(to_text(last->until)) : Json()}}},
                     {"after", Json{{"until_date", to_text(closing.until)}}}};
  warn_of_bank_lines(context.tx, closing.until, change);
  change.next = fmt::format("steward books export --from {} --to {} --format csv",
                            to_text(last ? last->until + std::chrono::days{1} : first_day_of(closing.until.ymd.year())),
                            to_text(closing.until));
  return change;
}

struct ListArgs {
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_closings(ops::Context& context, const ListArgs& args) {
  auto listing = closing_listing();
  if (args.since) listing.where("c.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("c.created_at < {}", {context.resolve(*args.until)});
  if (args.search)
    listing.search(args.search->value, {"CAST(c.until_date AS text)", "c.actor", "coalesce(u.email, '')"});
  return listing;
}

struct ShowArgs {
  ClosingRef closing;
};

bool is_date(std::string_view text) { return text.size() == 10 && text[4] == '-' && text[7] == '-'; }

Json show_closing(ops::Context& context, const ShowArgs& args) {
  if (is_date(args.closing.text))
    if (const auto found = closing_until(context.tx, parse_date(args.closing.text)))
      return closing_record(context.tx, found->id);
  return closing_record(context.tx, ops::resolve(context.tx, args.closing));
}

}  // namespace

void require_open(db::Tx& tx, Date date, std::string_view field) {
  if (const auto closing = closing_of(tx, date)) refuse_closed(date, closing->until, closing->id.text, field);
}

void require_open(ops::Context& context, Instant at, std::string_view field) {
  if (at >= context.now()) return;  // no day that is not over is ever closed
  // No zone is a whole day behind UTC: a closing that ends before that day has nothing to say.
  if (!closing_of(context.tx, date_in(Zone(), at) + std::chrono::days{-1})) return;
  require_open(context.tx, date_in(context.zone(), at), field);
}

std::optional<Date> closed_until(db::Tx& tx) {
  const auto last = last_closing(tx);
  return last ? std::optional(last->until) : std::nullopt;
}

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<CloseArgs>("books.close", "Close the books until a day: nothing in there changes any more")
                   .details("Documents and payments dated until that day are neither added, voided nor reversed from "
                            "then on; what was wrong is corrected by a document of a later day. Match the lines of the "
                            "bank's statement first: their days are closed too, and studio.timezone stays as it is. A "
                            "closing is never taken back. Another person approves it while controls.two_person is on.")
                   .option("until", &CloseArgs::until, "The last day that is closed; yesterday at the latest")
                   .needs("books:close")
                   .risk(ops::Risk::high)
                   .second_person()
                   .example("steward books close --until 2025-07-31")
                   .returns(kClosingColumns)
                   .writes(close_books));
  registry.add(ops::declare<ListArgs>("books.list", "List when the books were closed, and by whom, newest first")
                   .option("since", &ListArgs::since, "Closed at or after this")
                   .option("until", &ListArgs::until, "Closed before this")
                   .option("search", &ListArgs::search, "Text in the day or in who closed them")
                   .needs("books:read")
                   .example("steward books list")
                   .lists(list_closings, kClosingColumns));
  registry.add(ops::declare<ShowArgs>("books.show", "Show one closing of the books")
                   .positional("closing", &ShowArgs::closing, "Its last day, its id, or unique tail of an id")
                   .needs("books:read")
                   .example("steward books show 2025-06-30")
                   .returns(kClosingColumns)
                   .shows(show_closing));
}

}  // namespace steward::closing
