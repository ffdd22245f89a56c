// Docs/contract.md, 7 and 8: a token's secret is shown once, and is in no argument, row, log or error.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string secret_of(const std::string& token) { return token.substr(17); }

bool database_holds(const Sandbox& box, const std::string& text) {
  for (const auto& [table, rows] : box.snapshot())
    for (const auto& [key, row] : rows)
      if (row.find(text) != std::string::npos) return true;
  return false;
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return std::move(out).str();
}

}  // namespace

TEST_CASE("a token named whole in a proposal is stored without its secret, and found at approval", "[ops][secrets]") {
  Sandbox box;
  const auto leaked = box.token({"users:read"});
  const auto agent = box.token({"tokens:write", "users:read"});
  const auto verb = GENERATE(as<std::string>(), "tokens.revoke", "tokens.rotate");
  const auto error = box.refusal(verb, {{"token", {leaked}}}, {.token = agent, .key = "k"});
  REQUIRE(error.code() == "approval_required");
  CHECK_FALSE(database_holds(box, secret_of(leaked)));
  box.run("approvals.approve", {{"approval", {error.details().at("approval_id").text()}}});
  CHECK(box.error_code("users.list", {}, {.token = leaked}) == "not_authenticated");
  CHECK_FALSE(database_holds(box, secret_of(leaked)));
}

TEST_CASE("a token that is pasted into a text is worth nothing there", "[ops][secrets]") {
  Sandbox box;
  box.user("a@x.example");
  const auto token = box.token({"*"});
  box.run("users.disable", {{"user", {"a@x.example"}}, {"reason", {"used " + token}}}, {.key = "k"});
  CHECK_FALSE(database_holds(box, secret_of(token)));
  CHECK(Catch::contains(box.value("SELECT note FROM user_status_history"), token.substr(0, 17)));
}

TEST_CASE("no error, and no log, shows the secret of a token that was typed", "[ops][secrets][cli]") {
  Sandbox box;
  const auto token = "stw_abcdefghijk2_" + std::string(43, 'S');
  for (const auto& words : std::vector<std::vector<std::string>>{{"tokens", "show", token},
                                                                 {"tokens", "revoke", "--yes", token},
                                                                 {"tokens", "revoke", token, token},
                                                                 {token},
                                                                 {"tokens", token},
                                                                 {"tokens", "list", token},
                                                                 {"users", "show", token},
                                                                 {"users", "list", "--token-file", token},
                                                                 {"users", "list", "--token-file=" + token},
                                                                 {"users", "list", "--" + token},
                                                                 {"users", "list", "--sort", token},
                                                                 {"settings", "set", token, "x"}}) {
    for (const auto* output : {"json", "table"}) {
      auto all = words;
      all.insert(all.end(), {"--verbose", "-o", output});
      const auto ran = box.steward(all);
      CAPTURE(words, ran.out, ran.err);
      CHECK(ran.exit != 0);
      CHECK((ran.out + ran.err).find(secret_of(token)) == std::string::npos);
    }
  }
}

TEST_CASE("the flag --token-file is told apart from a token given by value", "[ops][secrets][cli]") {
  Sandbox box;
  const auto ran = box.steward({"users", "list", "--token-file", box.token({"*"}), "--json"});
  CHECK(ran.exit == 2);
  CHECK(ran.error_code() == "invalid_path");
}

TEST_CASE("a verbose log of making and using a token holds no secret", "[ops][secrets][cli]") {
  Sandbox box;
  const auto made = box.steward({"tokens", "create", "--name", "n", "--scope", "users:write", "--verbose", "--json"});
  const auto token = made.json().at("data").at("token").text();
  CHECK(Catch::contains(made.err, "sql"));
  CHECK(made.err.find(secret_of(token)) == std::string::npos);
  const auto used =
      box.steward({"users", "create", "--email", "a@x.example", "--verbose", "--json"}, "", {{"STEWARD_TOKEN", token}});
  REQUIRE(used.exit == 0);
  CHECK((used.out + used.err).find(secret_of(token)) == std::string::npos);
  CHECK_FALSE(database_holds(box, secret_of(token)));
  for (const auto* words : {"config", "doctor"}) {
    const auto shown = box.steward(words == std::string("config") ? std::vector<std::string>{"config", "show", "--json"}
                                                                  : std::vector<std::string>{"doctor", "--json"},
                                   "", {{"STEWARD_TOKEN", token}});
    CHECK((shown.out + shown.err).find(secret_of(token)) == std::string::npos);
  }
}

TEST_CASE("no operation takes a secret as an argument, where ps would show it", "[ops][secrets]") {
  for (const auto* operation : Sandbox::registry().all())
    for (const auto& param : operation->params) {
      CAPTURE(operation->path, param.name);
      CHECK_FALSE(param.secret);
      const bool sounds_secret = Catch::contains(param.name, "password") || Catch::contains(param.name, "passphrase") ||
                                 Catch::contains(param.name, "secret");
      CHECK((!sounds_secret || param.type.file == ops::TypeInfo::File::read));
    }
}

TEST_CASE("a secret is compared in constant time, and by nothing but that", "[ops][secrets]") {
  const auto source = std::filesystem::path(STEWARD_SOURCE_DIR) / "src";
  CHECK(Catch::contains(text_of(source / "ops/authenticate.cpp"), "sodium_memcmp"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source))
    if (entry.is_regular_file()) {
      CAPTURE(entry.path().string());
      const auto text = text_of(entry.path());
      // SQL that looks a token up by the hash of its secret would compare it byte by byte.
      for (auto at = text.find("WHERE"); at != std::string::npos; at = text.find("WHERE", at + 1))
        CHECK(text.substr(at, text.find(';', at) - at).find("secret_hash") == std::string::npos);
    }
}
