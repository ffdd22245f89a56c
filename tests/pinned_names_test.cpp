// The spellings that scripts, crontabs and agents rely on: every command and flag of the commercial path, written down
// once more by hand, so that a renamed one fails here. And every command that a message tells people to run exists.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/text.h"
#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

struct Pinned {
  const char* path;
  const char* flags;  ///< those pinned, beside what the group's list shares
};

constexpr const char* kCommon = "status since until search";

constexpr Pinned kPinned[] = {
    {"init", "admin-email solo"},
    {"settings.list", ""},
    {"settings.show", ""},
    {"settings.set", ""},
    {"status", ""},
    {"doctor", ""},
    {"version", ""},
    {"explain", ""},
    {"demo", "to"},
    {"tokens.create", "name scope kind user ttl workspace max-amount"},
    {"tokens.list", ""},
    {"tokens.revoke", ""},
    {"tokens.rotate", ""},
    {"users.create", "email name status role"},
    {"users.list", "role status since until search"},
    {"users.show", ""},
    {"users.update", ""},
    {"users.enable", ""},
    {"users.disable", ""},
    {"users.grant", "role"},
    {"users.revoke", "role"},
    {"audit.list", "actor token action target"},
    {"approvals.list", ""},
    {"approvals.show", ""},
    {"approvals.approve", "note"},
    {"approvals.deny", "note"},
    {"offers.create", "slug title summary audience delivery-mode booking-url price currency duration refund-policy"},
    {"offers.update", ""},
    {"offers.activate", ""},
    {"offers.deactivate", ""},
    {"offers.list", kCommon},
    {"offers.show", ""},
    {"offers.reprice", "price reason"},
    {"offers.packages.add", ""},
    {"offers.packages.list", ""},
    {"offers.packages.remove", ""},
    {"intake.submit", "name email audience goals organization timeline constraints offer referral priority"},
    {"intake.import", "file map delimiter encoding date-format decimal skip-invalid rejects"},
    {"contacts.import", "file map delimiter encoding date-format decimal skip-invalid rejects"},
    {"intake.list", kCommon},
    {"intake.show", ""},
    {"intake.triage", "note owner priority"},
    {"intake.qualify", "note owner priority"},
    {"intake.book", "note owner priority"},
    {"intake.lose", "note owner priority"},
    {"intake.reopen", "note owner priority"},
    {"intake.note", "text"},
    {"contacts.create", "email name legal-name address country tax-id billing-email"},
    {"contacts.list", kCommon},
    {"contacts.show", ""},
    {"contacts.update", ""},
    {"contacts.merge", "into reason"},
    {"proposals.create", "title amount currency intake offer client-email expires"},
    {"proposals.update", ""},
    {"proposals.send", ""},
    {"proposals.accept", ""},
    {"proposals.decline", ""},
    {"proposals.expire", ""},
    {"proposals.list", kCommon},
    {"proposals.show", ""},
    {"proposals.expire-due", ""},
    {"invoices.create", "proposal deal client-email amount currency"},
    {"invoices.update", ""},
    {"invoices.issue", "date due"},
    {"invoices.void", "reason"},
    {"invoices.duplicate", ""},
    {"invoices.list", "overdue status since until search"},
    {"invoices.show", ""},
    {"invoices.aging", ""},
    {"invoices.confirm-number", ""},
    {"payments.record", "invoice amount currency paid-at reference allow-credit"},
    {"payments.reverse", "reason"},
    {"payments.list", kCommon},
    {"payments.show", ""},
    {"deals.create", "intake provider-requested"},
    {"deals.assign", "provider maestro"},
    {"deals.approve", ""},
    {"deals.start", ""},
    {"deals.deliver", ""},
    {"deals.close", ""},
    {"deals.list", kCommon},
    {"deals.show", ""},
    {"deals.check", ""},
    {"ledger.list", "beneficiary deal status since until search"},
    {"ledger.show", ""},
    {"ledger.approve", ""},
    {"ledger.void", "reason"},
    {"ledger.payout", "expect-total method reference"},
    {"ledger.confirm-payout", ""},
    {"ledger.fail-payout", ""},
    {"ledger.balance", "by"},
    {"ledger.check", ""},
    {"ledger.export", "format to"},
    {"books.export", "from to format"},
    {"books.close", "until"},
    {"rates.list", ""},
    {"rates.set", ""},
};

// What a transition moves: several at once, or from a file.
constexpr const char* kTransitions[] = {
    "users.enable",      "users.disable",     "offers.activate",  "offers.deactivate",     "intake.triage",
    "intake.qualify",    "intake.book",       "intake.lose",      "intake.reopen",         "proposals.send",
    "proposals.accept",  "proposals.decline", "proposals.expire", "invoices.issue",        "invoices.void",
    "payments.reverse",  "deals.assign",      "deals.approve",    "deals.start",           "deals.deliver",
    "deals.close",       "ledger.approve",    "ledger.void",      "ledger.confirm-payout", "ledger.fail-payout",
    "approvals.approve", "approvals.deny",    "tokens.revoke"};

// A command that some sentence of the program names, as far as it is fixed text.
struct Advice {
  std::string file, text;
};

std::vector<Advice> advice_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream content;
  content << in.rdbuf();
  // Adjacent literals are one text.
  const auto source = std::regex_replace(content.str(), std::regex("\"\\s*\\n\\s*\""), "");
  static const std::regex command(R"(steward ([a-z][a-z-]*(?: [^"\n]*)?))");
  std::vector<Advice> out;
  for (auto it = std::sregex_iterator(source.begin(), source.end(), command); it != std::sregex_iterator(); ++it)
    out.push_back({file.filename().string(), (*it)[1].str()});
  return out;
}

// The operation that the words begin with, the longest first; null when there is none.
const ops::Operation* operation_of(const std::vector<std::string>& words) {
  const ops::Operation* found = nullptr;
  std::string path;
  for (const auto& word : words) {
    path += (path.empty() ? "" : ".") + word;
    if (const auto* operation = Sandbox::registry().find(path)) found = operation;
  }
  return found;
}

std::vector<std::string> plain_words(const std::string& text) {
  std::vector<std::string> out;
  for (const auto word : split(text, ' ')) {
    const auto plain = trim(word).find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
    if (word.empty() || !plain || word.starts_with("-")) break;
    out.emplace_back(word);
  }
  return out;
}

std::vector<std::string> flags_of(const std::string& text) {
  static const std::regex flag(R"(--([a-z][a-z0-9-]+))");
  std::vector<std::string> out;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), flag); it != std::sregex_iterator(); ++it)
    out.push_back((*it)[1].str());
  return out;
}

bool is_global(const std::string& flag) {
  static const std::set<std::string> kGlobals{"db",   "env",   "config",         "output",  "json",  "token-file",
                                              "yes",  "quiet", "dry-run",        "verbose", "help",  "from",
                                              "all",  "clear", "workspace",      "limit",   "after", "columns",
                                              "sort", "total", "idempotency-key"};
  return kGlobals.contains(flag);
}

std::set<std::string> groups() {
  std::set<std::string> out;
  for (const auto* operation : Sandbox::registry().all()) out.insert(operation->group());
  return out;
}

}  // namespace

TEST_CASE("every command and flag of the commercial path is spelled as pinned", "[registry][pinned]") {
  for (const auto& pinned : kPinned) {
    CAPTURE(pinned.path);
    const auto* operation = Sandbox::registry().find(pinned.path);
    if (!operation) {
      CHECK(operation != nullptr);
      continue;
    }
    for (const auto flag : split(pinned.flags, ' ')) {
      if (flag.empty()) continue;
      CAPTURE(flag);
      CHECK((is_global(std::string(flag)) || operation->find(flag) != nullptr));
    }
  }
}

TEST_CASE("contract 1: every transition takes several subjects", "[registry][pinned]") {
  for (const auto* path : kTransitions) {
    CAPTURE(path);
    const auto* operation = Sandbox::registry().find(path);
    REQUIRE(operation);
    CHECK(operation->subject() != nullptr);
  }
}

TEST_CASE("X-19: every update takes --if-version, and every record that it updates says its version",
          "[registry][pinned]") {
  int updates = 0;
  for (const auto* operation : Sandbox::registry().all()) {
    if (!operation->path.ends_with(".update")) continue;
    ++updates;
    CAPTURE(operation->path);
    CHECK(operation->find("if-version") != nullptr);
    CHECK(std::ranges::count(operation->columns, "version", &ops::Column::name) == 1);
  }
  CHECK(updates >= 4);
}

TEST_CASE("every command that a message, the README or the runbook names exists, with the flags it names",
          "[registry][pinned]") {
  const std::filesystem::path root(STEWARD_SOURCE_DIR);
  std::vector<std::filesystem::path> files{root / "README.md", root / "docs/operations.md", root / "docs/postgres.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "src"))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  const auto known = groups();
  int checked = 0;
  for (const auto& file : files)
    for (const auto& advice : advice_in(file)) {
      // In prose a command ends with its back-quote, in an example with its comment.
      const auto text = advice.text.substr(0, advice.text.find_first_of("`#"));
      const auto words = plain_words(text);
      if (words.empty() || !known.contains(words.front())) continue;
      ++checked;
      CAPTURE(advice.file, text);
      const auto* operation = operation_of(words);
      // "steward offers" alone is help; a verb behind a group must be one.
      if (!operation) {
        CHECK(words.size() == 1);
        continue;
      }
      for (const auto& flag : flags_of(text)) {
        CAPTURE(flag);
        CHECK((is_global(flag) || operation->find(flag) != nullptr));
      }
    }
  CHECK(checked > 100);
}
