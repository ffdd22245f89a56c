#include <catch2/catch.hpp>

#include "ops/encoding.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::Call;
using steward::test::Sandbox;

namespace {

ops::RawArgs agent_args(std::vector<std::string> scopes = {"offers:write"}) {
  return {{"name", {"helper"}}, {"scope", std::move(scopes)}};
}

std::string whole_database(Sandbox& box) {
  std::string text;
  for (const auto& [table, rows] : box.snapshot())
    for (const auto& [key, row] : rows) text += row + "\n";
  return text;
}

}  // namespace

TEST_CASE("a token is shown once, and only a hash of its secret is kept", "[identity][operations]") {
  Sandbox box;
  const auto made = box.data("tokens.create", agent_args());
  const auto token = made.at("token").text();
  REQUIRE(token.size() == 60);
  CHECK(token.starts_with("stw_" + made.at("prefix").text() + "_"));
  const auto secret = token.substr(17);
  CHECK(box.value("SELECT secret_hash FROM service_tokens") == ops::blake2b_hex(secret));
  CHECK(whole_database(box).find(secret) == std::string::npos);
  CHECK(made.at("kind").text() == "AGENT");
  CHECK(made.at("status").text() == "ACTIVE");
  CHECK(made.at("expires_at").text() == "2026-05-31T09:00:00.000Z");
  CHECK(box.error_code("users.list", {}, {.token = token}) == "forbidden");
}

TEST_CASE("an idempotent repeat does not show the secret again, and a dry run shows none", "[identity][operations]") {
  Sandbox box;
  const auto first = box.run("tokens.create", agent_args(), {.key = "k1"});
  const auto again = box.run("tokens.create", agent_args(), {.key = "k1"});
  CHECK(first.data.find("token") != nullptr);
  CHECK(again.data.find("token") == nullptr);
  CHECK(again.data.at("id") == first.data.at("id"));
  CHECK(whole_database(box).find(first.data.at("token").text().substr(17)) == std::string::npos);
  const auto dry = to_text(box.run("tokens.create", agent_args(), {.dry_run = true}).data);
  CHECK(dry.find("stw_") == std::string::npos);
  CHECK(Catch::contains(dry, R"("secret_hash":"[secret]")"));
  CHECK(box.value("SELECT count(*) FROM service_tokens") == "1");
}

TEST_CASE("a scope of a group that there is not is refused with the nearest ones", "[identity][operations]") {
  Sandbox box;
  const auto near = box.refusal("tokens.create", agent_args({"users:read", "invoice:write"}));
  CHECK(near.code() == "invalid_scope");
  CHECK(near.exit_code() == 2);
  CHECK(Catch::contains(near.hint(), "invoices"));
  CHECK(Catch::contains(box.refusal("tokens.create", agent_args({"qqqqqqqqqq:write"})).hint(), "ledger"));
  CHECK(box.value("SELECT count(*) FROM service_tokens") == "0");
  for (const auto* scope : {"*", "*:read", "ledger:payout", "db:*"})
    CHECK(box.error_code("tokens.create", agent_args({scope})) == "");
}

TEST_CASE("tokens are listed without hashes", "[identity][operations]") {
  Sandbox box;
  box.data("tokens.create", agent_args());
  const auto hash = box.value("SELECT secret_hash FROM service_tokens");
  const auto listed = to_text(box.list("tokens.list", {{"kind", {"agent"}}, {"status", {"active"}}}));
  CHECK(Catch::contains(listed, R"("name":"helper")"));
  CHECK(listed.find(hash) == std::string::npos);
  CHECK(to_text(box.data("tokens.show", {{"token", {"helper"}}})).find(hash) == std::string::npos);
}

TEST_CASE("ID-3: a token opens nothing once its time is over, and 365 days is the longest", "[identity][operations]") {
  Sandbox box;
  auto args = agent_args({"users:read"});
  args["ttl"] = {"1d"};
  const auto token = box.data("tokens.create", args).at("token").text();
  CHECK(box.error_code("users.list", {}, {.token = token}) == "");
  box.at("2026-03-03T09:00:00Z");
  CHECK(box.error_code("users.list", {}, {.token = token}) == "not_authenticated");
  CHECK(box.data("tokens.show", {{"token", {"helper"}}}).at("status").text() == "EXPIRED");
  args["ttl"] = {"366d"};
  CHECK(box.error_code("tokens.create", args) == "out_of_range");
}

TEST_CASE("revoked, expired, unknown and malformed tokens get the same sentence", "[identity][operations]") {
  Sandbox box;
  const auto revoked = box.data("tokens.create", agent_args({"users:read"})).at("token").text();
  box.data("tokens.revoke", {{"token", {"helper"}}});
  auto args = agent_args({"users:read"});
  args["ttl"] = {"1h"};
  const auto expired = box.data("tokens.create", args).at("token").text();
  const auto wrong_secret =
      box.data("tokens.create", agent_args({"users:read"})).at("token").text().substr(0, 17) + std::string(43, 'A');
  box.at("2026-03-02T10:00:00Z");
  const auto sentence = box.refusal("users.list", {}, {.token = revoked});
  CHECK(sentence.exit_code() == 3);
  for (const auto& token :
       {expired, wrong_secret, "stw_aaaaaaaaaaaa_" + std::string(43, 'A'), std::string("nonsense"), std::string()}) {
    const auto error = box.refusal("users.list", {}, {.token = token});
    CHECK(error.code() == sentence.code());
    CHECK(std::string(error.what()) == sentence.what());
    CHECK(error.hint() == sentence.hint());
  }
  const auto lacking = box.refusal("users.list", {}, {.token = box.token({"offers:read"})});
  CHECK(lacking.code() == "forbidden");
  CHECK(lacking.exit_code() == 3);
}

TEST_CASE("refused authentications are in the trail, ten a minute at most", "[identity][operations]") {
  Sandbox box;
  for (int i = 0; i < 12; ++i) box.error_code("users.list", {}, {.token = "nonsense"});
  CHECK(box.actions() == std::vector<std::string>(10, "auth.refused"));
}

TEST_CASE("revoking ends a token at once and takes back what it has waiting", "[identity][operations]") {
  Sandbox box;
  box.user("ana@example.com");
  const auto token = box.data("tokens.create", agent_args({"users:write"})).at("token").text();
  CHECK(box.error_code("users.disable", {{"user", {"ana@example.com"}}}, {.token = token}) == "approval_required");
  const auto revoked = box.data("tokens.revoke", {{"token", {"helper"}}});
  CHECK(revoked.at("status").text() == "REVOKED");
  CHECK(box.value("SELECT status FROM action_proposals") == "CANCELLED");
  CHECK(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1") == R"({"cancelled_requests":1})");
  for (const auto* name : {"prefix", "id", "name"})
    CHECK(box.run("tokens.revoke", {{"token", {revoked.at(name).text()}}}).warnings.at(0).code == "no_change");
  CHECK(box.error_code("tokens.revoke", {{"token", {"nobody"}}}) == "not_found");
  const auto anew = box.data("tokens.create", agent_args());
  CHECK(box.data("tokens.revoke", {{"token", {"helper"}}}).at("id") == anew.at("id"));
}

TEST_CASE("rotating gives a new secret and ends the old one at once", "[identity][operations]") {
  Sandbox box;
  const auto made = box.data("tokens.create", agent_args({"users:read"}));
  const auto old = made.at("token").text();
  const auto rotated = box.data("tokens.rotate", {{"token", {old}}});  // the whole token names itself
  CHECK(rotated.at("id") == made.at("id"));
  CHECK(rotated.at("token") != made.at("token"));
  CHECK(rotated.at("expires_at") == made.at("expires_at"));
  CHECK(box.error_code("users.list", {}, {.token = old}) == "not_authenticated");
  CHECK(box.error_code("users.list", {}, {.token = rotated.at("token").text()}) == "");
  box.at("2026-12-02T10:00:00Z");
  CHECK(box.error_code("tokens.rotate", {{"token", {"helper"}}}) == "expired");
  CHECK(box.data("tokens.rotate", {{"token", {"helper"}}, {"ttl", {"30d"}}}).at("status").text() == "ACTIVE");
  box.data("tokens.revoke", {{"token", {"helper"}}});
  CHECK(box.error_code("tokens.rotate", {{"token", {made.at("id").text()}}}) == "invalid_transition");
}

TEST_CASE("ID-4: nobody hands out, or takes over, a scope they do not hold", "[identity][operations]") {
  Sandbox box;
  const auto bo = box.user("bo@example.com", {"ADMIN"});
  const auto token = box.token({"tokens:write", "offers:*"}, "PERSON", bo);
  CHECK(box.error_code("tokens.create", agent_args({"offers:write"}), {.token = token}) == "");
  for (const auto scope : {"*", "offers:write,", "ledger:approve", "*:read", "*:write"}) {
    CAPTURE(scope);
    CHECK(box.error_code("tokens.create", agent_args({scope}), {.token = token}) != "");
  }
  const auto wide = box.data("tokens.create", {{"name", {"wide"}}, {"scope", {"*"}}});
  CHECK(box.error_code("tokens.rotate", {{"token", {"wide"}}}, {.token = token}) == "forbidden");
}

TEST_CASE("ID-4: a token with a ceiling or a workspace gives nobody a token without", "[identity][operations]") {
  Sandbox box;
  box.user("bo@example.com", {"ADMIN"});
  const auto bound = GENERATE(as<std::string>(), "max-amount", "workspace");
  const auto token = box.data("tokens.create", {{"name", {"mine"}},
                                                {"scope", {"*"}},
                                                {"kind", {"person"}},
                                                {"user", {"bo@example.com"}},
                                                {bound, {bound == "workspace" ? "acme" : "5.00 EUR/day"}}})
                         .at("token")
                         .text();
  box.data("tokens.create", agent_args());
  CHECK(box.error_code("tokens.create", agent_args(), {.token = token}) == "forbidden");
  CHECK(box.error_code("tokens.rotate", {{"token", {"helper"}}}, {.token = token}) == "forbidden");
  // What reaches one workspace only reaches no token at all.
  CHECK(box.error_code("tokens.rotate", {{"token", {"mine"}}}, {.token = token}) ==
        (bound == "workspace" ? "forbidden" : ""));
}

TEST_CASE("only a SUPER_ADMIN makes a token for a SUPER_ADMIN", "[identity][operations]") {
  Sandbox box;
  box.user("root@example.com", {"SUPER_ADMIN"});
  box.user("cy@example.com", {"MAESTRO"});
  const auto token = box.token({"*"}, "PERSON", box.user("bo@example.com", {"ADMIN"}));
  const auto args = [](const char* email) {
    return ops::RawArgs{{"name", {"mine"}}, {"scope", {"*"}}, {"kind", {"person"}}, {"user", {email}}};
  };
  CHECK(box.error_code("tokens.create", args("root@example.com"), {.token = token}) == "forbidden");
  CHECK(box.data("tokens.create", args("cy@example.com"), {.token = token}).at("user_email").text() ==
        "cy@example.com");
}

TEST_CASE("a person's token needs a person who is active; other kinds have none", "[identity][operations]") {
  Sandbox box;
  auto args = agent_args();
  args["kind"] = {"person"};
  CHECK(box.error_code("tokens.create", args) == "missing_argument");
  args["user"] = {"ana@example.com"};
  CHECK(box.error_code("tokens.create", args) == "not_found");
  box.user("ana@example.com");
  box.sql("UPDATE users SET status = 'PENDING'");
  CHECK(box.error_code("tokens.create", args) == "user_not_active");
  args["kind"] = {"job"};
  CHECK(box.error_code("tokens.create", args) == "unsupported_combination");
  CHECK(box.error_code("tokens.create", {{"name", {"x"}}}) == "missing_argument");
}

TEST_CASE("a person's token stops with the person", "[identity][operations]") {
  Sandbox box;
  const auto token = box.token({"users:read"}, "PERSON", box.user("ana@example.com", {"STAFF"}));
  CHECK(box.error_code("users.list", {}, {.token = token}) == "");
  box.data("users.disable", {{"user", {"ana@example.com"}}});
  CHECK(box.error_code("users.list", {}, {.token = token}) == "not_authenticated");
}

TEST_CASE("a ceiling is stored and shown", "[identity][operations]") {
  Sandbox box;
  auto args = agent_args();
  args["max-amount"] = {"500.00 EUR/week"};
  const auto made = box.data("tokens.create", args);
  CHECK(made.at("max_amount_cents").integer() == 50000);
  CHECK(made.at("max_amount").text() == "500.00");
  CHECK(made.at("max_amount_per").text() == "WEEK");
}

TEST_CASE("an agent makes no tokens: it proposes them, and a person's approval shows the secret once",
          "[identity][operations]") {
  Sandbox box;
  const auto agent = box.token({"tokens:write", "offers:write"});
  const auto error = box.refusal("tokens.create", agent_args(), {.token = agent});
  REQUIRE(error.code() == "approval_required");
  const auto approved = box.data("approvals.approve", {{"approval", {error.details().at("approval_id").text()}}});
  CHECK(approved.at("token").text().starts_with("stw_"));
  CHECK(whole_database(box).find(approved.at("token").text().substr(17)) == std::string::npos);
}

TEST_CASE("two tokens of one name are told apart by prefix", "[identity][operations]") {
  Sandbox box;
  const auto first = box.data("tokens.create", agent_args());
  box.data("tokens.create", agent_args());
  CHECK(box.error_code("tokens.revoke", {{"token", {"helper"}}}) == "ambiguous_handle");
  CHECK(box.error_code("tokens.revoke", {{"token", {first.at("prefix").text()}}}) == "");
  CHECK(box.error_code("tokens.revoke", {{"token", {"helper"}}}) == "");
}

TEST_CASE("ID-4: the last token that lets an administrator in is not revoked where the shell needs one",
          "[identity][operations]") {
  Sandbox box;
  const auto ana = box.user("ana@x.example", {"ADMIN", "SUPER_ADMIN"});
  const auto hers = box.token({"*"}, "PERSON", ana), reads = box.token({"users:read"}, "PERSON", ana);
  const auto agent = box.token({"*"});
  const auto revoke = [&](const std::string& token) {
    return box.error_code("tokens.revoke", {{"token", {token.substr(4, 12)}}}, {.token = hers});
  };
  box.become("prod");
  const auto refused = box.refusal("tokens.revoke", {{"token", {hers.substr(4, 12)}}}, {.token = hers});
  CHECK(refused.code() == "last_administrator");
  CHECK(refused.exit_code() == 5);
  CHECK(revoke(reads) == "");
  CHECK(revoke(agent) == "");
  box.token({"tokens:write"}, "PERSON", box.user("bo@x.example", {"ADMIN"}));
  CHECK(revoke(hers) == "");
}

TEST_CASE("in local, or with controls.solo, the last administrator's token may go: the shell needs none",
          "[identity][operations]") {
  Sandbox box;
  const auto token = box.token({"*"}, "PERSON", box.user("ana@x.example", {"ADMIN"}));
  if (GENERATE(true, false)) {
    box.sql("INSERT INTO settings VALUES ('controls.solo', 'on', false, '2026-01-01T00:00:00.000Z')");
    box.become("prod");
  }
  CHECK(box.error_code("tokens.revoke", {{"token", {token.substr(4, 12)}}}, {.token = token}) == "");
}
