#pragma once
#include <map>
#include <string>
#include <vector>

#include "support/sandbox.h"

// What the books must come to, by the rows that they are made of, and what an exported file of them comes to.
namespace steward::test {

/// "ACCOUNT CUR" -> minor units; what comes to nothing is left out.
using Balances = std::map<std::string, std::int64_t>;

/// Sums of a query of account, currency and minor units.
Balances sums(const Sandbox& box, const std::string& query);

// By the rows of the database, each over all days.
Balances receivable(const Sandbox& box);
Balances payable(const Sandbox& box);
Balances in_the_bank(const Sandbox& box);
Balances sold_net(const Sandbox& box);
Balances sold_tax(const Sandbox& box);

/// A books export as CSV, by account; `unbalanced` are the ids of what does not come to nothing by itself.
struct CsvBooks {
  Balances all;
  std::vector<std::string> unbalanced;
  std::vector<std::string> postings;  ///< "DAY KIND ID ACCOUNT AMOUNT CUR": what no later day may change
  /// Those of accounts that begin so.
  Balances of(std::string_view account) const;
};
CsvBooks read_books(const std::string& csv);

}  // namespace steward::test
