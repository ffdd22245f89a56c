#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "studio/books/books.h"
#include "studio/books/rows.h"
#include "studio/closing/closing.h"

namespace steward::books {
namespace {

constexpr ops::Column kColumns[] = {
    {"file"},
    {"format"},
    {"transactions", {}, ops::Kind::integer},
    {"text", {}, ops::Kind::text, ops::Shown::record, "The journal itself, where no file is named"},
};

constexpr std::int64_t kStride = 20'000;  // transactions between two lines of progress

// A journal on its way: into a file, or as the answer itself.
class Export {
 public:
  Export(const ops::Context& context, const std::optional<ops::NewFile>& to, Format format)
      : house_(context.house),
        take_text_(context.request.take_text),
        format_(format),
        journal_(format, [this](std::string_view piece) { put(piece); }) {
    if (to && !ops::is_standard_output(to->value)) file_.emplace(name_ = to->value);
  }

  Journal& journal() { return journal_; }
  void write(const Transaction& transaction) {
    journal_.write(transaction);
    if (file_ && house_.progress && journal_.written() % kStride == 0)
      house_.progress(fmt::format("Wrote {} transactions", journal_.written()));
  }
  Json done() {
    if (!file_) return Json{{"text", text_}};
    file_->commit();
    return Json{{"file", name_}, {"format", to_text(format_)}, {"transactions", journal_.written()}};
  }

 private:
  void put(std::string_view piece) {
    if (file_)
      file_->write(piece);
    else if (take_text_)
      take_text_(piece);
    else
      text_ += piece;
  }

  const ops::House& house_;
  const std::function<void(std::string_view)>& take_text_;
  Format format_;
  std::string name_, text_;
  std::optional<ops::StagedFile> file_;
  Journal journal_;
};

void declare_people(db::Tx& tx, const Accounts& accounts, Journal& journal) {
  each_beneficiary(tx,
                   [&](std::string_view id, std::string_view email) { journal.declare(accounts.payable(email, id)); });
}

void declare_currencies(const std::vector<Currency>& currencies, const Accounts& accounts, Journal& journal) {
  for (const auto& currency : currencies) journal.declare(currency);
  for (const auto& currency : currencies) journal.declare(accounts.bank(currency.code()));
}

// ---- ledger export

struct LedgerArgs {
  Format format;
  std::optional<ops::NewFile> to;
};

Json export_ledger(ops::Context& context, const LedgerArgs& args) {
  const Accounts accounts(args.format);
  Export out(context, args.to, args.format);
  auto& journal = out.journal();
  journal.begin("steward ledger export: who earned what, and what was paid out");
  declare_currencies(currencies_of_ledger(context.tx), accounts, journal);
  for (const auto type : {"PROVIDER_PAYOUT", "REFERRER_COMMISSION", "CLAWBACK"})
    journal.declare(Accounts::earned(type));
  for (const auto account : {Accounts::kAllocated, Accounts::kPlatform}) journal.declare(account);
  declare_people(context.tx, accounts, journal);
  each_of_ledger(context.tx, accounts, context.zone(), [&](const Transaction& transaction) { out.write(transaction); });
  return out.done();
}

// ---- books export

struct BooksArgs {
  Date from, to;
  Format format;
  std::optional<ops::NewFile> file;
};

void require_order(const BooksArgs& args) {
  if (args.from <= args.to) return;
  refuse_usage("invalid_date", fmt::format("{} is after {}.", to_text(args.from), to_text(args.to)), "to",
               "--from is the first day, --to the last; both are within.");
}

void declare_books(db::Tx& tx, const Accounts& accounts, Journal& journal) {
  declare_currencies(currencies_of_books(tx), accounts, journal);
  journal.declare(Accounts::kClearing);
  each_client(tx, [&](std::string_view email) { journal.declare(accounts.receivable(email)); });
  journal.declare(accounts.income({}));
  for (const auto& group : tax_groups(tx)) {
    journal.declare(accounts.income(group));
    journal.declare(accounts.tax(group));
  }
  for (const auto type : {"PROVIDER_PAYOUT", "REFERRER_COMMISSION", "CLAWBACK"})
    journal.declare(Accounts::earned(type));
  declare_people(tx, accounts, journal);
}

Json export_books(ops::Context& context, const BooksArgs& args) {
  const Accounts accounts(args.format);
  Export out(context, args.file, args.format);
  auto& journal = out.journal();
  journal.begin(fmt::format("steward books export: {} to {}", to_text(args.from), to_text(args.to)));
  declare_books(context.tx, accounts, journal);
  each_of_books(context.tx, accounts, {args.from, args.to, context.zone()},
                [&](const Transaction& transaction) { out.write(transaction); });
  return out.done();
}

}  // namespace

void register_ledger_export(ops::Registry& registry) {
  registry.add(ops::declare<LedgerArgs>("ledger.export", "Write what was earned and paid out as a double-entry journal")
                   .details("Every entry but VOID ones, and every payout that arrived; docs/books.md names the "
                            "accounts. hledger's journals are read by Ledger too.")
                   .option("format", &LedgerArgs::format, "For a spreadsheet, hledger and Ledger, or beancount")
                   .option("to", &LedgerArgs::to, "The file, replaced only with --yes; standard output if absent")
                   .needs("ledger:read")
                   .example("steward ledger export --format hledger --to ledger.journal")
                   .returns(kColumns)
                   .shows(export_ledger));
}

void register_operations(ops::Registry& registry) {
  registry.add(
      ops::declare<BooksArgs>("books.export", "Write a period's books as a double-entry journal")
          .details("Invoices, voids, credit notes, payments, refunds, credit that was used, what people earned, and "
                   "payouts, by their days in studio.timezone; taxes by code and rate. docs/books.md names the "
                   "accounts. hledger's journals are read by Ledger too.")
          .option("from", &BooksArgs::from, "The first day")
          .option("to", &BooksArgs::to, "The last day")
          .option("format", &BooksArgs::format, "For a spreadsheet, hledger and Ledger, or beancount")
          .option("file", &BooksArgs::file, "The file, replaced only with --yes; standard output if absent")
          .check(require_order)
          .needs("books:read")
          .example("steward books export --from 2026-01-01 --to 2026-12-31 --format beancount --file 2026.beancount")
          .returns(kColumns)
          .shows(export_books));
  closing::register_operations(registry);
}

}  // namespace steward::books
