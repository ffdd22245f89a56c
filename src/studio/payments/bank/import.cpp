#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "db/lookup.h"
#include "db/tally.h"
#include "ops/encoding.h"
#include "ops/import.h"
#include "studio/closing/closing.h"
#include "studio/invoices/invoices.h"
#include "studio/numbering/numbering.h"
#include "studio/payments/bank/rows.h"
#include "studio/payments/operations.h"

namespace steward::payments {
namespace {

struct BankArgs : ops::ImportArgs {
  std::optional<Currency> currency;
};

/// What pays which invoice.
struct Match {
  std::string invoice_id, number;
  ReferenceTaken reference = ReferenceTaken::no;
};

struct Row {
  Date date;
  std::string amount;  ///< decimal; below zero for money out
  std::optional<Currency> currency;
  std::optional<std::string> reference, text;
  LineKey key = {};
  std::optional<Match> match = {};
};

template <auto Member, class Argument>
constexpr auto take = &ops::take<Member, Argument, Row>;

// Of either sign, unlike any argument.
void take_amount(Row& into, std::string_view text, const ops::Reading& reading, std::string_view field) {
  into.amount = reading.amount(text);
  if (!is_decimal_amount(into.amount))
    refuse_usage("invalid_money", fmt::format("'{}' is not a decimal amount.", text), field,
                 "Say what stands before the cents: --decimal ,");
}

constexpr ops::ImportField<Row> kFields[] = {
    {"date", true, take<&Row::date, Date>},
    {"amount", true, take_amount},
    {"currency", false, take<&Row::currency, Currency>},
    {"reference", false, take<&Row::reference, ops::Text<140>>},
    {"text", false, take<&Row::text, ops::LongText<2000>>},
};

class BankLines final : public ops::Importer<Row> {
 public:
  BankLines(ops::Context& context, const BankArgs& args)
      : context_(context), args_(args), known_days_(booked_days(context.tx)) {}

  void check(const Row& row) override {
    if (!row.currency && !args_.currency)
      refuse_usage("missing_argument", "currency is missing.", "currency",
                   "Say it for the whole file with --currency, where the bank does not.");
    if (amount_of(row).minor == 0) refuse_usage("invalid_money", "The amount is zero.", "amount");
  }

  void decide(std::span<Line> batch) override {
    for (auto& line : batch) identify(line.record);
    mark_known(batch);
    for (auto& line : batch)
      if (line.fate == ops::Fate::created) refuse_ahead(line);
    match(batch);
    for (auto& line : batch)
      if (line.is_kept() && line.record.match) refuse_closed(line);
  }

  // A payment moves its invoice and perhaps a deal, so those go one by one; the lines themselves go together.
  void keep(std::span<Line> batch) override {
    std::vector<NewBankLine> lines;
    for (const auto& line : batch) {
      if (!line.is_kept()) continue;
      auto& added = lines.emplace_back(NewBankLine{bank_line_of(line.record), line.record.key});
      if (line.record.match) record(*line.record.match, added.line);
    }
    insert_bank_lines(context_, lines);
  }

  std::string name_of(const Row& row) override {
    const auto what = fmt::format("{} {}", to_text(row.date), to_text(amount_of(row)));
    return row.match ? fmt::format("{} for {}", what, row.match->number) : what;
  }

  std::int64_t matched() const { return matched_; }
  /// What was received on invoices, by currency.
  const std::vector<Money>& received() const { return received_; }

 private:
  Currency currency_of(const Row& row) const { return row.currency ? *row.currency : *args_.currency; }
  Money amount_of(const Row& row) const { return parse_money(row.amount, currency_of(row), Sign::any); }

  // Two equal lines of a file are two: which of them each is, is counted over the whole file by eight bytes of its
  // hash.
  void identify(Row& row) {
    row.key.hash =
        ops::blake2b_hex(fmt::format("{}\n{}\n{}\n{}\n{}", to_text(row.date), amount_of(row).minor,
                                     currency_of(row).code(), row.reference.value_or(""), row.text.value_or("")));
    row.key.occurrence = seen_.add(std::stoull(row.key.hash.substr(0, 16), nullptr, 16));
  }

  // A statement mostly goes on where the last one ended: only days that lines were booked on before are looked up.
  void mark_known(std::span<Line> batch) {
    std::vector<LineKey> keys;
    std::vector<Line*> asked;
    for (auto& line : batch)
      if (known_days_ && known_days_->first <= line.record.date && line.record.date <= known_days_->second) {
        keys.push_back(line.record.key);
        asked.push_back(&line);
      }
    each_known_line(context_.tx, keys, [&](std::size_t at) { asked[at]->fate = ops::Fate::unchanged; });
  }

  void refuse_ahead(Line& line) {
    try {
      require_booked(line.record.date, context_.today());
    } catch (const Error& error) {
      line.refuse(error);
    }
  }

  // What would be recorded in a closed period is named as any other bad line.
  void refuse_closed(Line& line) {
    try {
      closing::require_open(context_.tx, line.record.date, "date");
    } catch (const Error& error) {
      line.refuse(error);
    }
  }

  // A line pays the invoice whose number it names, if it names no other, and if that owes as much in its currency.
  void match(std::span<Line> batch) {
    std::vector<std::pair<Row*, std::string>> named;
    for (auto& line : batch)
      if (line.fate == ops::Fate::created && amount_of(line.record).minor > 0)
        if (auto number = number_in(line.record)) named.emplace_back(&line.record, *std::move(number));
    const auto invoices = invoices_of(named);
    std::unordered_map<std::string, std::int64_t> owed;
    for (auto& [row, number] : named) {
      const auto found = invoices.find(number);
      if (found == invoices.end()) continue;
      const auto& invoice = found->second;
      auto& rest = owed.try_emplace(number, invoice.outstanding().minor).first->second;
      const auto amount = amount_of(*row);
      if (amount.currency != invoice.amount.currency || amount.minor > rest) continue;
      rest -= amount.minor;
      row->match = Match{invoice.id.text, number};
    }
    leave_what_names_more(named);
    look_at_references(named);
  }

  // Numbers of other programs have any shape: of a line that would pay one invoice, each word that is another's number
  // leaves it to a person.
  void leave_what_names_more(const std::vector<std::pair<Row*, std::string>>& named) {
    std::vector<std::string> words;
    std::unordered_multimap<std::string, Row*> said_by;
    for (const auto& [row, number] : named) {
      if (!row->match) continue;
      for (auto& word : words_of(row->reference.value_or(""), row->text.value_or("")))
        if (word != number) said_by.emplace(words.emplace_back(std::move(word)), row);
    }
    invoices::each_numbered(context_.tx, words, [&](const invoices::Invoice& invoice) {
      const auto [from, to] = said_by.equal_range(*invoice.number);
      for (auto at = from; at != to; ++at)
        if (at->second->match && at->second->match->invoice_id != invoice.id.text) at->second->match.reset();
    });
  }

  static std::optional<std::string> number_in(const Row& row) {
    auto numbers = numbers_named(numbering::kInvoices.code, row.reference.value_or("") + "\n" + row.text.value_or(""));
    if (numbers.empty()) return row.reference;  // which may be the number of an invoice that was issued elsewhere
    return numbers.size() == 1 ? std::optional(std::move(numbers.front())) : std::nullopt;
  }

  std::unordered_map<std::string, invoices::Invoice> invoices_of(
      const std::vector<std::pair<Row*, std::string>>& named) {
    std::vector<std::string> numbers;
    numbers.reserve(named.size());
    for (const auto& [row, number] : named) numbers.push_back(number);
    std::unordered_map<std::string, invoices::Invoice> out;
    invoices::each_numbered(context_.tx, numbers,
                            [&](invoices::Invoice invoice) { out.try_emplace(*invoice.number, std::move(invoice)); });
    return out;
  }

  // A reference that somebody recorded by hand may be this very money: that is for a person to say.
  void look_at_references(const std::vector<std::pair<Row*, std::string>>& named) {
    std::vector<Row*> asked;
    db::Questions questions(2);
    for (const auto& [row, number] : named)
      if (row->match && row->reference) {
        questions.add({row->match->number, *row->reference});
        asked.push_back(row);
      }
    db::ask_each(context_.tx.connection(), kReferenceUse, questions, [&](std::size_t at, const db::Row& answer) {
      const auto taken = reference_taken(answer);
      if (taken == ReferenceTaken::by_hand)
        asked[at]->match.reset();
      else
        asked[at]->match->reference = taken;
    });
    std::unordered_set<std::string> said;
    for (auto* row : asked)
      if (row->match && !said.insert(row->match->invoice_id + *row->reference).second)
        row->match->reference = ReferenceTaken::by_line;
  }

  BankLine bank_line_of(const Row& row) {
    return {{context_.new_id()}, row.date, amount_of(row), row.reference, row.text};
  }

  void record(const Match& match, BankLine& line) {
    const Payment payment{{context_.new_id()},
                          match.invoice_id,
                          line.amount,
                          Status::recorded,
                          day_begins(context_, line.booked_on),
                          payment_reference(line, match.reference)};
    Json moved;
    enter(context_, payment, invoices::find_invoice(context_.tx, invoices::InvoiceId{match.invoice_id}), moved);
    line.status = LineStatus::matched;
    line.payment_id = payment.id.text;
    ++matched_;
    for (auto& sum : received_)
      if (sum.currency == line.amount.currency) return void(sum = sum + line.amount);
    received_.push_back(line.amount);
  }

  ops::Context& context_;
  const BankArgs& args_;
  std::optional<std::pair<Date, Date>> known_days_;  ///< before this file
  db::Tally seen_;
  std::int64_t matched_ = 0;
  std::vector<Money> received_;
};

// A token's ceiling is of one currency: where an agent would move several, a person says yes.
void say_what_moved(ops::Change& change, const BankLines& lines) {
  change.metadata.set("matched", lines.matched());
  change.data.set("matched", lines.matched());
  if (lines.matched() > 0) change.sentence += fmt::format(" {} recorded for the invoices named.", lines.matched());
  if (lines.received().size() == 1) change.moves = lines.received().front();
  if (lines.received().size() > 1) change.gravity = ops::Gravity::agents_propose;
}

ops::Change import_lines(ops::Context& context, const BankArgs& args) {
  BankLines lines(context, args);
  auto change = ops::import_file<Row>(context, args, {"bank_import", "line", "lines"}, kFields, lines);
  say_what_moved(change, lines);
  if (change.changed) change.next = "steward payments lines list --status UNMATCHED";
  return change;
}

std::span<const ops::Column> columns() {
  static const auto kColumns = [] {
    std::vector<ops::Column> out(ops::kImportColumns.begin(), ops::kImportColumns.end());
    out.push_back({.name = "matched", .kind = ops::Kind::integer, .help = "Of them, recorded for their invoices now"});
    return out;
  }();
  return kColumns;
}

}  // namespace

void register_bank_import(ops::Registry& registry) {
  registry.add(
      ops::declare_import<BankArgs>("payments.import", "Take in a bank's statement from a file of CSV or JSON lines")
          .option("currency", &BankArgs::currency, "Of the lines that name none")
          .details(
              "date and amount (below zero for money that went out), and if there are any currency, reference, "
              "text. A line whose reference or text names one invoice's number, and no other, or whose "
              "reference is the number of one that was issued elsewhere, is recorded as its payment when the "
              "invoice owes as much in that currency, at the beginning of that day in "
              "studio.timezone; a reference that was recorded by hand already is left to you. Every other line "
              "waits for payments match. Two equal lines of a file are two payments, and the same file again adds "
              "nothing; so a rejected line that equals one that was taken in is mended in the whole file, and that "
              "imported again.")
          .needs("payments:write")
          .may_escalate(ops::Gravity::agents_propose)
          .example("steward payments import --file bank.csv --currency EUR")
          .returns(columns())
          .writes(import_lines));
}

}  // namespace steward::payments
