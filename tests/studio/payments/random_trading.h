#pragma once
#include <random>
#include <set>
#include <string>
#include <vector>

#include "studio/books/balances.h"
#include "studio/deals/atelier.h"

namespace steward::test {

/// A currency, and how many digits it has after its point.
struct CurrencyKind {
  const char* code;
  int exponent;
};

/// A studio that trades at random: every step is a command that an operator could type, and days pass between them.
/// What the rules refuse is refused as a conflict or a precondition, never as a defect.
class Trading {
 public:
  Trading(const CurrencyKind& currency, unsigned seed);

  /// Does one thing; answers what.
  std::string step();
  /// What of the books is not in order now; "" when all is.
  std::string flaw();
  /// What hledger makes of the books as they were at each `flaw()`, where that is something else than the rows said
  /// then; "" when it is the same to the minor unit. (One run of hledger for all of them: its start takes longer.)
  std::string hledger_flaw();
  /// The same of the database as a whole.
  std::string damage() { return box_.error_code("db.check"); }
  /// The commands that went through so far.
  const std::set<std::string>& done() const { return done_; }

 private:
  std::int64_t below(std::int64_t most);
  /// One of what a query answers.
  std::string any(const std::string& query);
  std::string amount();
  /// A moment of the last five days, which may be closed.
  std::string lately();
  /// A part of the amount that a query answers, mostly; sometimes all, sometimes more.
  std::string part_of(const std::string& query);
  /// The error that it is refused with, with what a check found; "" when it went through.
  std::string refused(const std::string& path, const ops::RawArgs& args);
  std::string attempt(const std::string& path, const ops::RawArgs& args);
  void add_tax(ops::RawArgs& args);

  std::string pass_days();
  std::string close_books();
  std::string raise(const ops::RawArgs& args);
  std::string open_deal();
  /// From the assignment to the delivery, paid in one or two invoices.
  std::string deliver_deal();
  std::string bill_deal();
  std::string bill_client();
  std::string record();
  std::string credit();
  std::string refund();
  std::string use_credit();
  std::string refund_deal();
  std::string pay_out();

  std::string sums_flaw() const;
  std::string books_flaw();
  std::string exported(const std::string& to, const std::string& format);

  std::mt19937_64 random_;
  CurrencyKind currency_;
  int transfers_ = 0, exports_ = 0;
  std::int64_t days_ = 0;             ///< since the first one
  std::string closed_;                ///< the last day that is; "" while none is
  std::vector<std::string> settled_;  ///< what the books said until then when they were closed
  int checked_ = 0;
  Balances by_rows_;      ///< "STEP:ACCOUNT CUR", by the rows as they were after that step
  std::string journals_;  ///< the books after each step, each under an account of its own
  std::set<std::string> done_;
  Atelier box_;
};

}  // namespace steward::test
