#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "studio/books/accounts.h"

namespace steward::books {

/// What happened on a day: amounts that come to nothing, each on its account. Its texts may hold anything.
struct Transaction {
  std::string date;         ///< "2026-03-02", in studio.timezone
  std::string kind;         ///< "invoice", "payment": a word of steward's own
  std::string id;           ///< of the record
  std::string number;       ///< a document's; may be empty
  std::string invoice;      ///< the number of the invoice that it is about; may be empty
  std::string party, text;  ///< with whom, and what
  std::string status;       ///< of a ledger entry; may be empty
  std::string currency;     ///< of every amount
  int exponent = 2;         ///< how many digits it has
  struct Posting {
    std::string account;
    std::int64_t minor;
  };
  std::vector<Posting> postings;
};

/// Writes transactions in one of the formats, each as it comes: nothing is kept.
/// hledger: https://hledger.org/1.25/hledger.html; Ledger: https://ledger-cli.org/doc/ledger3.html;
/// beancount: https://beancount.github.io/docs/beancount_language_syntax.html; CSV: RFC 4180, one row a posting.
class Journal {
 public:
  using Sink = std::function<void(std::string_view)>;
  Journal(Format format, Sink sink) : format_(format), sink_(std::move(sink)) {}

  /// Before everything else.
  void begin(std::string_view title);
  /// Before the first transaction that names them.
  void declare(const Currency& currency);
  void declare(std::string_view account);
  void write(const Transaction& transaction);

  std::int64_t written() const { return written_; }

 private:
  void hledger(const Transaction& transaction);
  void beancount(const Transaction& transaction);
  void csv(const Transaction& transaction);
  void postings(const Transaction& transaction, std::string_view indent);
  void put();

  Format format_;
  Sink sink_;
  std::string out_;  ///< of the transaction at hand
  std::int64_t written_ = 0;
};

/// Text as a description of hledger and Ledger can hold it: one line, nothing in it that either would read as syntax.
std::string journal_text(std::string_view text);
/// Text between the quotes of a beancount string.
std::string beancount_text(std::string_view text);

}  // namespace steward::books
