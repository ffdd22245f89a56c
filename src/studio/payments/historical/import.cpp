// `invoices import`: it stands here, above the invoices, because what was paid is a payment.

#include <fmt/format.h>

#include <map>
#include <unordered_map>

#include "ops/import.h"
#include "ops/settings.h"
#include "studio/closing/closing.h"
#include "studio/invoices/invoices.h"
#include "studio/numbering/numbering.h"
#include "studio/payments/historical/line.h"
#include "studio/payments/historical/rules.h"
#include "studio/payments/operations.h"
#include "studio/payments/rows.h"
#include "studio/taxes/taxes.h"

namespace steward::payments {
namespace {

using invoices::Historical;

struct HistoricalArgs : ops::ImportArgs {
  bool historical = false;
  std::optional<Currency> currency;
};

void require_historical(const HistoricalArgs& args) {
  ops::check_import(args);
  if (args.historical) return;
  refuse_usage("missing_argument", "--historical is missing.", "historical",
               "Say it to take down invoices that were issued elsewhere, as they are and with their numbers; new ones "
               "come by 'invoices create' and 'invoices issue'.");
}

class OlderInvoices final : public ops::Importer<OlderInvoice> {
 public:
  OlderInvoices(ops::Context& context, const HistoricalArgs& args)
      : context_(context), args_(args), terms_(ops::setting_number(context.tx, "invoices.terms_days")) {}

  void check(const OlderInvoice& row) override {
    const auto place = numbering::place_of(numbering::kInvoices, row.number);
    if (numbering::ends(numbering::kInvoices, row.number))
      refuse_usage("invalid_value", fmt::format("The number {} leaves our series none behind it.", row.number),
                   "number", "Look whether it is a slip of the pen.");
    require_number(row.number, place ? std::optional(place->year) : std::nullopt, row.issue);
    const auto said = said_of(row, args_.currency);
    if (row.status) require_status(to_text(*row.status), to_text(said.status));
    if (row.void_reason && !said.voided())
      refuse_usage("conflicting_arguments", "What is not VOID has no void_reason.", "void_reason");
    if (row.tax_amount && !row.tax && said.tax != 0)
      refuse_usage("missing_argument", "tax is missing: a tax_amount is of a tax.", "tax",
                   "steward taxes list names them; steward taxes set makes one.");
  }

  // What is known already is not held against the taxes and closings of today: the same file stays good.
  void decide(std::span<Line> batch) override {
    for (auto& line : batch) {
      line.record.said = said_of(line.record, args_.currency);
      line.record.note = note_of(line.record);
    }
    mark_known(batch);
    for (auto& line : batch)
      if (line.fate == ops::Fate::created) work_out(line);
    refuse_twice(batch);
  }

  void keep(std::span<Line> batch) override {
    std::vector<contacts::Person> clients;
    std::vector<Historical> invoices;
    std::vector<Payment> payments;
    for (auto& line : batch) {
      if (!line.is_kept()) continue;
      const auto& row = line.record;
      clients.push_back({row.email, row.name ? std::string_view(*row.name) : std::string_view()});
      invoices.push_back(invoice_of(line.record));
      if (invoices.back().paid_cents > 0) payments.push_back(payment_of(row, invoices.back()));
      if (const auto place = numbering::place_of(numbering::kInvoices, row.number)) {
        auto& last = last_[place->year];
        last = std::max(last, place->number);
      }
    }
    contacts::upsert_all(context_, contacts::Source::import, clients);
    invoices::insert_historical(context_, invoices);
    insert_payments(context_, payments);
    for (const auto& payment : payments) count(payment.amount);
  }

  std::string name_of(const OlderInvoice& row) override {
    const auto& said = row.said.value();
    return fmt::format("{} of {} over {}, {}", row.number, to_text(row.issue), to_text(said.amount),
                       to_text(said.status));
  }

  /// Our own numbers that were taken down: the highest of each year.
  const std::map<int, std::int64_t>& last() const { return last_; }
  std::int64_t paid() const { return paid_; }
  /// What was received for them, by currency.
  const std::vector<Money>& received() const { return received_; }

 private:
  void mark_known(std::span<Line> batch) {
    std::vector<std::string_view> numbers;
    for (const auto& line : batch) numbers.emplace_back(line.record.number);
    invoices::each_taken(context_.tx, numbers, [&](std::size_t at, const invoices::Taken& there) {
      auto& line = batch[at];
      if (there.note == line.record.note)
        line.fate = ops::Fate::unchanged;
      else
        line.refuse(there.note
                        ? taken(line.record, fmt::format("is there already, {}", difference(line.record, there)),
                                "What was taken down stays: correct it with 'payments record' or 'invoices credit'.")
                        : taken(line.record, "is there already, and was issued here", "Leave the line out."));
    });
  }

  // What the invoice shows of it first; the rest only its note tells.
  static std::string difference(const OlderInvoice& row, const invoices::Taken& there) {
    const auto& amount = row.said.value().amount;
    if (row.issue != there.issue) return fmt::format("dated {}", to_text(there.issue));
    if (amount != there.amount) return fmt::format("over {}", to_text(there.amount));
    if (row.email != there.client_email) return fmt::format("for {}", there.client_email);
    return "and its line said something else of what is not its date, amount or client";
  }

  // The first line of a number is not there yet.
  static void refuse_twice(std::span<Line> batch) {
    std::unordered_map<std::string_view, const Line*> said;
    for (auto& line : batch) {
      if (line.fate != ops::Fate::created) continue;
      const auto [first, is_new] = said.try_emplace(line.record.number, &line);
      if (is_new) continue;
      if (first->second->record.note == line.record.note)
        line.fate = ops::Fate::unchanged;
      else
        line.refuse(taken(line.record, fmt::format("stands in line {} already", first->second->number),
                          "Every invoice has one line, and a number of its own."));
    }
  }

  static Error taken(const OlderInvoice& row, std::string_view why, const std::string& hint) {
    return Error{ErrorKind::conflict, "number_taken", fmt::format("{} {}.", row.number, why), hint}.at("number");
  }

  void work_out(Line& line) {
    try {
      auto& row = line.record;
      require_past(row);
      require_open(row.issue, "issue_date");
      if (row.paid) require_open(*row.paid, "paid_date");
      row.breakdown = breakdown_of(row);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::temporary || error.kind() == ErrorKind::defect) throw;
      line.refuse(error);
    }
  }

  void require_past(const OlderInvoice& row) {
    const auto today = context_.today();
    at_field("issue_date", [&] { invoices::require_document_date(row.issue, today, std::nullopt); });
    at_field("due_date", [&] { invoices::require_due(row.issue, due_of(row)); });
    if (row.paid && *row.paid > today)
      refuse_usage("in_the_future", fmt::format("{} is ahead: money is recorded once it came.", to_text(*row.paid)),
                   "paid_date");
  }

  template <class Rule>
  static void at_field(std::string_view field, Rule&& rule) {
    try {
      rule();
    } catch (Error& error) {
      throw std::move(error.at(field));
    }
  }

  // Days are closed from the first on: behind one that is open all are.
  void require_open(Date date, std::string_view field) {
    if (open_from_ && *open_from_ <= date) return;
    closing::require_open(context_.tx, date, field);
    open_from_ = date;
  }

  Date due_of(const OlderInvoice& row) const { return row.due.value_or(row.issue + std::chrono::days{terms_}); }

  lines::Breakdown breakdown_of(const OlderInvoice& row) {
    const auto& said = row.said.value();
    auto out = part_of(row, said.first(), row.tax, said.tax);
    if (!said.second) return out;
    lines::Breakdown more;
    at_field("tax_amount_2", [&] { more = part_of(row, said.second->amount, row.tax_2, said.second->tax); });
    out.lines.push_back(std::move(more.lines.front()));
    out.groups.push_back(std::move(more.groups.front()));
    return out;
  }

  lines::Breakdown part_of(const OlderInvoice& row, const Money& gross, const std::optional<taxes::TaxCode>& code,
                           const std::optional<std::int64_t>& stated) {
    const auto tax = terms_of(code, row.issue);
    const auto description = row.description.value_or("As invoiced");
    const auto given = lines::of_gross(description, gross.minor, tax).tax();
    return lines::of_gross_stating(description, gross.minor, tax_of(stated, given, gross, tax && tax->rate_bp > 0),
                                   tax);
  }

  // Each code is asked for once a day that it is used on.
  std::optional<lines::TaxTerms> terms_of(const std::optional<taxes::TaxCode>& code, Date issue) {
    if (!code) return std::nullopt;
    const auto [at, is_new] = taxes_.try_emplace({code->value, issue});
    if (is_new) try {
        at->second = lines::terms_of(taxes::tax_on(context_.tx, code->value, issue));
      } catch (const Error&) {
        taxes_.erase(at);
        throw;
      }
    return at->second;
  }

  Historical invoice_of(OlderInvoice& row) {
    const auto& said = row.said.value();
    Historical out{{context_.new_id()},
                   row.number,
                   row.email,
                   {row.name.value_or(""), row.name.value_or(""), row.address.value_or(""), row.country.value_or(""),
                    row.tax_id.value_or(""), row.email},
                   said.amount.currency,
                   *std::move(row.breakdown),
                   row.issue,
                   due_of(row),
                   said.paid,
                   {},
                   said.voided(),
                   row.void_reason,
                   row.note};
    if (said.paid > 0) out.paid_at = day_begins(context_, row.paid.value());
    return out;
  }

  Payment payment_of(const OlderInvoice& row, const Historical& invoice) {
    return {{context_.new_id()}, invoice.id.text,         {invoice.paid_cents, invoice.currency},
            Status::recorded,    invoice.paid_at.value(), row.reference};
  }

  void count(const Money& amount) {
    ++paid_;
    for (auto& sum : received_)
      if (sum.currency == amount.currency) return void(sum = sum + amount);
    received_.push_back(amount);
  }

  ops::Context& context_;
  const HistoricalArgs& args_;
  std::int64_t terms_;  ///< days
  std::optional<Date> open_from_;
  std::map<std::pair<std::string, Date>, lines::TaxTerms> taxes_;
  std::map<int, std::int64_t> last_;
  std::int64_t paid_ = 0;
  std::vector<Money> received_;
};

// A slip of the pen moves a series for good: whoever runs it dry sees where it would go on.
std::string next_numbers(db::Tx& tx, const std::map<int, std::int64_t>& last) {
  std::string out;
  for (const auto& [year, number] : last)
    if (const auto next = numbering::next_of(tx, numbering::kInvoices, year))
      out += fmt::format(" The next number of {} is {}.", year, *next);
  return out;
}

ops::Change import_older(ops::Context& context, const HistoricalArgs& args) {
  OlderInvoices older(context, args);
  auto change =
      ops::import_file<OlderInvoice>(context, args, {"invoice_import", "invoice", "invoices"}, kOlderFields, older);
  invoices::follow_historical(context, older.last());
  change.data.set("paid", older.paid());
  if (!change.changed) return change;
  change.metadata.set("paid", older.paid());
  if (older.paid() > 0) change.sentence += fmt::format(" Money came for {} of them.", older.paid());
  change.sentence += next_numbers(context.tx, older.last());
  if (older.received().size() == 1) change.moves = older.received().front();
  change.next = "steward invoices aging";
  return change;
}

std::span<const ops::Column> columns() {
  static const auto kColumns = [] {
    std::vector<ops::Column> out(ops::kImportColumns.begin(), ops::kImportColumns.end());
    out.push_back({.name = "paid", .kind = ops::Kind::integer, .help = "Of them, with money that came, recorded now"});
    return out;
  }();
  return kColumns;
}

}  // namespace

void register_historical(ops::Registry& registry) {
  registry.add(
      ops::declare_import<HistoricalArgs>("invoices.import",
                                          "Take down invoices that another program issued, with what was paid")
          .option("historical", &HistoricalArgs::historical,
                  "Always said: these were issued elsewhere, and are taken down as they are")
          .option("currency", &HistoricalArgs::currency, "Of the lines that name none")
          .check(require_historical)
          .details(
              "A line is an invoice: number, issue_date, client_email and amount, tax included, and if there are any "
              "due_date (invoices.terms_days later if absent), client_name, client_address, client_country, "
              "client_tax_id, currency (it may stand behind the amount), tax (the code of a tax that held on "
              "issue_date), tax_amount (kept as it was stated when it is what the tax gives within two minor units), "
              "amount_2, tax_2 and tax_amount_2 (the part of amount that is under another tax), "
              "description, paid_amount (or yes for all of it), paid_date, reference (of the payment), status and "
              "void_reason. The status follows from what was paid; VOID keeps a number that asks for nothing, as of "
              "its "
              "own date. A number spelled like ours, INV-2025-0042, is one of our series: it has the year of its "
              "date, the next that is issued that year stands behind the highest, and numbers left out are no gap; a "
              "year that a restore paused stays paused. Every other number, of at most 40 characters, is kept as it "
              "is spelled and named so in every command. A line that was taken down before changes nothing, whatever "
              "became of its invoice since; another one under its number is refused. Nothing is dated in a closed "
              "period or ahead. Clients become contacts by their address; the document names its parties where "
              "name, address and country are said.")
          .needs("invoices:import")
          .risk(ops::Risk::high)
          .example("steward invoices import --historical --file invoices.csv --currency EUR")
          .returns(columns())
          .writes(import_older));
}

}  // namespace steward::payments
