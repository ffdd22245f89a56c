#pragma once
#include <catch2/catch.hpp>
#include <string>

#include "core/money.h"
#include "core/text.h"
#include "studio/books/balances.h"
#include "support/sandbox.h"

template <>
struct Catch::StringMaker<std::pair<const std::string, std::int64_t>> {
  static std::string convert(const std::pair<const std::string, std::int64_t>& one) {
    return one.first + " " + std::to_string(one.second);
  }
};

// The accounting programs of other people, run on what steward exports.
namespace steward::test {

inline Process run_program(const std::string& program, std::vector<std::string> words) {
  Command command;
  command.program = program;
  command.words = std::move(words);
  command.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"HOME", "/nonexistent"}};
  return run_process(command);
}

/// Fails the test unless hledger (strictly) and Ledger (pedantically) take the journal.
inline void both_ledgers_accept(const std::string& file) {
  const auto hledger = run_program("hledger", {"-f", file, "check", "-s"});
  INFO(hledger.err);
  CHECK(hledger.exit == 0);
  const auto ledger = run_program("ledger", {"--args-only", "-f", file, "--pedantic", "balance"});
  INFO(ledger.err);
  CHECK(ledger.exit == 0);
  CHECK(ledger.err.empty());
}

inline void beancount_accepts(const std::string& file) {
  const auto beancount = run_program("bean-check", {"-C", file});
  INFO(beancount.err);
  CHECK(beancount.exit == 0);
  CHECK(beancount.err.empty());
}

/// What hledger makes of a journal, by account and currency; `query` narrows it.
inline Balances hledger_balances(const std::string& file, std::vector<std::string> query = {}) {
  std::vector<std::string> words{"-f", file, "balance", "--flat", "-N", "--layout=bare", "-O", "csv"};
  words.insert(words.end(), query.begin(), query.end());
  const auto said = run_program("hledger", words);
  INFO(said.err);
  REQUIRE(said.exit == 0);
  Balances out;
  for (const auto line : split(said.out, '\n')) {
    const auto cells = split(line, ',');
    if (cells.size() != 3 || cells[0] == "\"account\"") continue;
    const auto bare = [](std::string_view cell) { return cell.substr(1, cell.size() - 2); };
    const auto currency = Currency::parse(bare(cells[1]));
    const auto amount = parse_money(bare(cells[2]), currency, Sign::any).minor;
    if (amount != 0) out[std::string(bare(cells[0])) + " " + std::string(currency.code())] = amount;
  }
  return out;
}

}  // namespace steward::test
