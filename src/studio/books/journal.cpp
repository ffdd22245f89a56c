#include "studio/books/journal.h"

#include <fmt/format.h>

#include <initializer_list>

#include "core/csv.h"

namespace steward::books {
namespace {

constexpr std::string_view kTags[] = {"id", "kind", "invoice", "status"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What ends or begins something in a line of a journal, and what stands for it.
char plain(char c) {
  switch (c) {
    case ';':
      return ',';
    case '|':
      return '/';
    case '(':
      return '[';
    case ')':
      return ']';
    default:
      return is_control(c) ? ' ' : c;
  }
}

// Millions of lines are put together here: nothing is parsed or looked up on the way.
void add(std::string& out, std::initializer_list<std::string_view> pieces) {
  for (const auto piece : pieces) out += piece;
}

void tag(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) add(out, {"    ; ", name, ": ", value, "\n"});
}

void metadata(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) add(out, {"  ", name, ": \"", beancount_text(value), "\"\n"});
}

// How amounts are written. Where no digits follow the point the two programs agree on no spelling, and need none.
std::string format_of(const Currency& currency) {
  if (currency.exponent() == 0) return {};
  return fmt::format("    format 1000.{} {}\n", std::string(static_cast<std::size_t>(currency.exponent()), '0'),
                     currency.code());
}

}  // namespace

std::string journal_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char raw : text) {
    const char c = plain(raw);
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string beancount_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += is_control(c) ? ' ' : c;
  }
  return out;
}

void Journal::put() {
  sink_(out_);
  out_.clear();
}

void Journal::begin(std::string_view title) {
  if (format_ == Format::csv) {
    out_ = "date,kind,id,number,invoice,party,text,status,account,amount,currency\n";
  } else if (format_ == Format::beancount) {
    out_ = fmt::format("option \"title\" \"{}\"\n\n", beancount_text(title));
  } else {
    out_ = fmt::format("; {}\n\n", journal_text(title));
    for (const auto name : kTags) out_ += fmt::format("tag {}\n", name);
  }
  put();
}

void Journal::declare(const Currency& currency) {
  if (format_ == Format::csv) return;
  if (format_ == Format::beancount)
    out_ = fmt::format("1900-01-01 commodity {}\n", currency.code());
  else
    out_ = fmt::format("commodity {}\n{}", currency.code(), format_of(currency));
  put();
}

void Journal::declare(std::string_view account) {
  if (format_ == Format::csv) return;
  out_ = fmt::format(fmt::runtime(format_ == Format::beancount ? "1900-01-01 open {}\n" : "account {}\n"), account);
  put();
}

void Journal::write(const Transaction& transaction) {
  switch (format_) {
    case Format::csv:
      csv(transaction);
      break;
    case Format::hledger:
      hledger(transaction);
      break;
    case Format::beancount:
      beancount(transaction);
      break;
  }
  ++written_;
  put();
}

void Journal::postings(const Transaction& transaction, std::string_view indent) {
  for (const auto& posting : transaction.postings)
    add(out_, {indent, posting.account, "  ", decimal_text(posting.minor, transaction.exponent), " ",
               transaction.currency, "\n"});
}

void Journal::hledger(const Transaction& transaction) {
  add(out_, {"\n", transaction.date, " * "});
  if (!transaction.number.empty()) add(out_, {"(", journal_text(transaction.number), ") "});
  add(out_, {journal_text(transaction.party), " | ", journal_text(transaction.text), "\n"});
  tag(out_, "id", transaction.id);
  tag(out_, "kind", transaction.kind);
  tag(out_, "invoice", journal_text(transaction.invoice));
  tag(out_, "status", transaction.status);
  postings(transaction, "    ");
}

void Journal::beancount(const Transaction& transaction) {
  add(out_, {"\n", transaction.date, " * \"", beancount_text(transaction.party), "\" \"",
             beancount_text(transaction.text), "\"\n"});
  metadata(out_, "id", transaction.id);
  metadata(out_, "kind", transaction.kind);
  metadata(out_, "number", transaction.number);
  metadata(out_, "invoice", transaction.invoice);
  metadata(out_, "status", transaction.status);
  postings(transaction, "  ");
}

void Journal::csv(const Transaction& transaction) {
  std::string head;
  add(head, {transaction.date, ",", transaction.kind, ",", transaction.id, ","});  // words of steward's own
  for (const auto* cell : {&transaction.number, &transaction.invoice, &transaction.party, &transaction.text}) {
    append_guarded_cell(head, *cell);
    head += ',';
  }
  add(head, {transaction.status, ","});
  for (const auto& posting : transaction.postings) {
    out_ += head;
    append_guarded_cell(out_, posting.account);
    add(out_, {",", decimal_text(posting.minor, transaction.exponent), ",", transaction.currency, "\n"});
  }
}

}  // namespace steward::books
