#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/invoices/invoices.h"
#include "studio/payments/bank/rows.h"
#include "studio/payments/operations.h"

namespace steward::payments {
namespace {

ops::Change line_changed(db::Tx& tx, const BankLine& line, std::string sentence, Json metadata) {
  ops::Change change;
  change.target_type = "bank_line";
  change.target_id = line.id.text;
  change.sentence = std::move(sentence);
  change.data = bank_line_record(tx, line.id);
  change.metadata = std::move(metadata);
  return change;
}

ops::Change line_unchanged(db::Tx& tx, const BankLine& line, std::string_view why) {
  return ops::Change::none("bank_line", line.id.text, fmt::format("{} {}.", line.label(), why),
                           bank_line_record(tx, line.id));
}

// ---- match

struct MatchArgs {
  BankLineRef line;
  invoices::InvoiceRef invoice;
  bool allow_credit = false;
};

bool is_matched_with(db::Tx& tx, const BankLine& line, const invoices::Invoice& invoice) {
  return line.payment_id && find_payment(tx, PaymentId{*line.payment_id}).invoice_id == invoice.id.text;
}

Payment payment_of(ops::Context& context, const BankLine& line, const invoices::Invoice& invoice) {
  const auto taken =
      line.reference ? reference_taken(context.tx, invoice.handle(), *line.reference) : ReferenceTaken::no;
  return {{context.new_id()},
          invoice.id.text,
          line.amount,
          Status::recorded,
          day_begins(context, line.booked_on),
          payment_reference(line, taken)};
}

ops::Change match_line(ops::Context& context, const MatchArgs& args) {
  const auto line = find_bank_line(context.tx, ops::resolve(context.tx, args.line));
  const auto invoice = invoices::find_invoice(context.tx, args.invoice);
  if (is_matched_with(context.tx, line, invoice))
    return line_unchanged(context.tx, line, "is matched with that invoice already");
  kLineLifecycle.require(line.status, LineStatus::matched, line.label(), "match");
  require_incoming(line.amount, line.label());
  require_takes(invoice, line.amount, args.allow_credit);
  const auto payment = payment_of(context, line, invoice);
  Json metadata;
  const auto after = enter(context, payment, invoice, metadata).after;
  mark_matched(context.tx, line, payment.id);
  metadata.set("payment_id", payment.id.text);
  auto change = line_changed(
      context.tx, line, fmt::format("Recorded {} for {}; {}.", to_text(line.amount), after.handle(), rest_of(after)),
      std::move(metadata));
  change.moves = line.amount;
  change.next = fmt::format("steward payments show {}", short_id(payment.id.text));
  return change;
}

// ---- ignore

struct IgnoreArgs {
  BankLineRef line;
  ops::LongText<2000> reason;
};

ops::Change ignore_line(ops::Context& context, const IgnoreArgs& args) {
  const auto line = find_bank_line(context.tx, ops::resolve(context.tx, args.line));
  if (line.status == LineStatus::ignored) return line_unchanged(context.tx, line, "is set aside already");
  kLineLifecycle.require(line.status, LineStatus::ignored, line.label(), "ignore");
  mark_ignored(context.tx, line, args.reason);
  return line_changed(context.tx, line, fmt::format("Set {} aside.", to_text(line.amount)),
                      Json{{"before", Json{{"status", to_text(line.status)}}},
                           {"after", Json{{"status", to_text(LineStatus::ignored)}}}});
}

// ---- list, show

struct ListArgs {
  std::optional<LineStatus> status;
  bool incoming = false;
  std::optional<ops::DateOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_lines(ops::Context& context, const ListArgs& args) {
  auto listing = bank_line_listing();
  listing.where_if("b.status = {}", args.status);
  if (args.incoming) listing.where("b.amount_cents > 0");
  if (args.since) listing.where("b.booked_on >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("b.booked_on < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"coalesce(b.reference, '')", "coalesce(b.text, '')"});
  return listing;
}

struct ShowArgs {
  BankLineRef line;
};

Json show_line(ops::Context& context, const ShowArgs& args) {
  return bank_line_record(context.tx, ops::resolve(context.tx, args.line));
}

void register_reads(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("payments.lines.list", "List the lines of bank statements, newest first")
                   .option("status", &ListArgs::status, "Only this status")
                   .option("incoming", &ListArgs::incoming, "Only money that came")
                   .option("since", &ListArgs::since, "Booked on or after this")
                   .option("until", &ListArgs::until, "Booked before this")
                   .option("search", &ListArgs::search, "Text in reference or text")
                   .needs("payments:read")
                   .example("steward payments lines list --status UNMATCHED --incoming")
                   .lists(list_lines, kBankLineColumns));
  registry.add(ops::declare<ShowArgs>("payments.lines.show", "Show a line of a bank statement")
                   .positional("line", &ShowArgs::line, "Id, or unique tail of an id")
                   .needs("payments:read")
                   .example("steward payments lines show 7f3a9c")
                   .returns(kBankLineColumns)
                   .shows(show_line));
}

}  // namespace

Instant day_begins(ops::Context& context, Date day) { return context.resolve(ops::InstantOrSpan{to_text(day)}); }

void register_bank(ops::Registry& registry) {
  registry.add(kLineLifecycle);
  registry.add(ops::declare<MatchArgs>("payments.match", "Record a line of a bank statement for its invoice")
                   .details("What payments record does, with the line's amount, reference and day: it came at the "
                            "beginning of that day in studio.timezone. The line waits again when that payment is "
                            "reversed.")
                   .positional("line", &MatchArgs::line, "Id, or unique tail of an id")
                   .option("invoice", &MatchArgs::invoice, "Number, id, or unique tail of an id")
                   .option("allow-credit", &MatchArgs::allow_credit, "More than is owed came: keep the rest as credit")
                   .needs("payments:write")
                   .example("steward payments match 7f3a9c --invoice INV-2026-0001")
                   .returns(kBankLineColumns)
                   .writes(match_line));
  registry.add(ops::declare<IgnoreArgs>("payments.lines.ignore", "Set aside a bank line that pays no invoice")
                   .details("It stays in the list, and can still be matched.")
                   .subject("line", &IgnoreArgs::line, "Id, or unique tail of an id")
                   .option("reason", &IgnoreArgs::reason, "Why; kept with the line")
                   .needs("payments:write")
                   .example("steward payments lines ignore 7f3a9c --reason \"Rent\"")
                   .returns(kBankLineColumns)
                   .writes(ignore_line));
  register_reads(registry);
}

}  // namespace steward::payments
