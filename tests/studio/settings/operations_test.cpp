#include <catch2/catch.hpp>

#include "ops/settings.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::Sandbox;

namespace {

constexpr auto kIban = "FR7630006000011234567890189";

ops::RawArgs pair(const std::string& key, const std::string& value) { return {{"key", {key}}, {"value", {value}}}; }

std::string last_metadata(Sandbox& box) {
  return box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1");
}

}  // namespace

TEST_CASE("every setting is listed with its default until somebody sets it", "[settings][operations]") {
  Sandbox box;
  const auto before = box.list("settings.list");
  CHECK(before.items().size() == ops::setting_specs().size());
  const auto zone = box.data("settings.show", {{"key", {"studio.timezone"}}});
  CHECK(zone.at("value").text() == "UTC");
  CHECK(zone.at("set").boolean() == false);
  const auto now = box.data("settings.set", pair("Studio.Timezone", "Europe/Paris"));
  CHECK(now.at("value").text() == "Europe/Paris");
  CHECK(now.at("set").boolean());
  CHECK(last_metadata(box) == R"({"after":{"value":"Europe/Paris"},"before":{"value":"UTC"}})");
  CHECK(box.list("settings.list", {{"search", {"zone"}}}).items().size() == 1);
}

TEST_CASE("ST-1: an unknown key is refused with the nearest ones, a value by its type", "[settings][operations]") {
  Sandbox box;
  const auto error = box.refusal("settings.set", pair("studio.timezon", "UTC"));
  CHECK(error.code() == "unknown_setting");
  CHECK(Catch::contains(error.hint(), "studio.timezone"));
  CHECK(box.error_code("settings.set", pair("studio.timezone", "Mars/Olympus")) == "unknown_zone");
  CHECK(box.error_code("settings.set", pair("controls.two_person", "maybe")) == "invalid_choice");
  CHECK(box.error_code("settings.set", pair("invoices.terms_days", "soon")) == "invalid_number");
  CHECK(box.error_code("settings.set", pair("business.email", "nobody")) == "invalid_email");
  CHECK(box.value("SELECT count(*) FROM settings") == "0");
}

TEST_CASE("ST-1: a country is its two letters", "[settings][operations]") {
  Sandbox box;
  CHECK(box.data("settings.set", pair("business.country", " de ")).at("value").text() == "DE");
  const auto wrong = GENERATE(as<std::string>(), "Germany", "DEU", "XX", "D", "E A", "ZW AD");
  CAPTURE(wrong);
  CHECK(box.error_code("settings.set", pair("business.country", wrong)) == "invalid_choice");
}

TEST_CASE("setting what is set already changes nothing", "[settings][operations]") {
  Sandbox box;
  box.data("settings.set", pair("controls.two_person", "YES"));
  const auto seq = box.audit_seq();
  CHECK(box.run("settings.set", pair("controls.two_person", "on")).warnings.at(0).code == "no_change");
  CHECK(box.audit_seq() == seq);
}

TEST_CASE("a reset puts a setting back to its default", "[settings][operations]") {
  Sandbox box;
  box.data("settings.set", pair("invoices.terms_days", "14"));
  CHECK(box.data("settings.reset", {{"key", {"invoices.terms_days"}}}).at("value").text() == "30");
  CHECK(last_metadata(box) == R"({"after":{"value":"30"},"before":{"value":"14"}})");
  CHECK(box.run("settings.reset", {{"key", {"invoices.terms_days"}}}).warnings.at(0).code == "no_change");
}

TEST_CASE("a sensitive value is encrypted at rest, hidden in lists, and clear to a person who asks",
          "[settings][operations]") {
  Sandbox box;
  const auto answer = box.run("settings.set", pair("business.iban", kIban), {.key = "k"});
  CHECK(answer.data.at("value").text() == "(set)");
  CHECK_FALSE(box.holds(kIban));
  CHECK(last_metadata(box) == R"({"after":{"value":"[redacted]"},"before":{"value":""}})");
  CHECK(box.list("settings.list", {{"search", {"iban"}}}).items().at(0).at("value").text() == "(set)");
  CHECK(box.data("settings.show", {{"key", {"business.iban"}}}).at("value").text() == kIban);
  CHECK(box.data("settings.show", {{"key", {"business.iban"}}}, {.token = box.token({"settings:read"})})
            .at("value")
            .text() == "(set)");
  CHECK(box.run("settings.set", pair("business.iban", kIban)).warnings.at(0).code == "no_change");
}

TEST_CASE("ST-1, AU-4: the trail tells what every setting was and is, but not what is sensitive or about a person",
          "[settings][operations]") {
  Sandbox box;
  const auto after_set = [&](const std::string& key, const std::string& first, const std::string& second) {
    box.data("settings.set", pair(key, first));
    box.data("settings.set", pair(key, second));
    return last_metadata(box);
  };
  CHECK(after_set("payouts.minimum", "50 USD", "45 EUR") ==
        R"({"after":{"value":"45.00 EUR"},"before":{"value":"50.00 USD"}})");
  CHECK(after_set("business.country", "FR", "DE") == R"({"after":{"value":"DE"},"before":{"value":"FR"}})");
  CHECK(after_set("business.logo", "a.png", "b.png") == R"({"after":{"value":"b.png"},"before":{"value":"a.png"}})");
  box.data("settings.reset", {{"key", {"business.logo"}}});
  CHECK(last_metadata(box) == R"({"after":{"value":""},"before":{"value":"b.png"}})");
  const auto key = GENERATE(as<std::string>(), "business.address", "business.email", "business.legal_name",
                            "business.terms", "business.tax_id");
  CAPTURE(key);
  CHECK(after_set(key, "ada@old.example", "ada@new.example") ==
        R"({"after":{"value":"[redacted]"},"before":{"value":"[redacted]"}})");
  box.data("settings.reset", {{"key", {key}}});
  CHECK(last_metadata(box) == R"({"after":{"value":""},"before":{"value":"[redacted]"}})");
}

TEST_CASE("ST-1: an IBAN is checked by its digits, kept without blanks, and told by nobody", "[settings][operations]") {
  Sandbox box;
  const auto error = box.refusal("settings.set", pair("business.iban", "FR7630006000011234567890188"));
  CHECK(error.code() == "invalid_iban");
  CHECK(std::string(error.what()).find("FR76") == std::string::npos);
  CHECK(box.value("SELECT count(*) FROM settings") == "0");
  box.data("settings.set", pair("business.iban", "fr76 3000 6000 0112 3456 7890 189"));
  CHECK(box.data("settings.show", {{"key", {"business.iban"}}}).at("value").text() == kIban);
  box.data("settings.set", pair("business.iban", "DE02120300000000202051"));
  CHECK(last_metadata(box) == R"({"after":{"value":"[redacted]"},"before":{"value":"[redacted]"}})");
}

TEST_CASE("a sensitive value is in no dry run and in no waiting request", "[settings][operations]") {
  Sandbox box;
  const auto dry = to_text(box.run("settings.set", pair("business.iban", kIban), {.dry_run = true}).data);
  CHECK(dry.find(kIban) == std::string::npos);
  CHECK(box.error_code("settings.set", pair("business.iban", kIban), {.token = box.token({"settings:write"})}) ==
        "forbidden");
  CHECK_FALSE(box.holds(kIban));
}

TEST_CASE("with another key file a sensitive value can't be read, and everything else works",
          "[settings][operations]") {
  Sandbox box;
  box.data("settings.set", pair("business.iban", kIban));
  const auto key = box.key_file();
  std::remove(key.c_str());
  CHECK(box.error_code("settings.show", {{"key", {"business.iban"}}}) == "key_missing");
  CHECK(box.error_code("settings.set", pair("business.tax_id", "FR1")) == "key_missing");
  ops::Vault::create(key);
  const auto error = box.refusal("settings.show", {{"key", {"business.iban"}}});
  CHECK(error.code() == "wrong_key");
  CHECK(error.exit_code() == 6);
  CHECK(box.data("settings.show", {{"key", {"studio.timezone"}}}).at("value").text() == "UTC");
  CHECK(box.list("settings.list").items().size() == ops::setting_specs().size());
  CHECK(box.error_code("settings.set", pair("business.iban", "DE89370400440532013000")) == "wrong_key");
  box.run("keys.renew");
  CHECK(box.data("settings.set", pair("business.iban", "DE89370400440532013000")).at("value").text() == "(set)");
}

TEST_CASE("a ciphertext moved to another setting can't be opened there", "[settings][operations]") {
  Sandbox box;
  box.data("settings.set", pair("business.iban", kIban));
  box.sql(
      "INSERT INTO settings SELECT 'business.tax_id', value, sensitive, updated_at FROM settings WHERE key = "
      "'business.iban'");
  CHECK(box.error_code("settings.show", {{"key", {"business.tax_id"}}}) == "wrong_key");
}

TEST_CASE("controls and the account clients pay into ask a person, and wait when an agent sets them",
          "[settings][operations]") {
  Sandbox box;
  for (const auto& [key, value] : {std::pair<const char*, std::string>("controls.two_person", "on"),
                                   {"controls.solo", "on"},
                                   {"business.iban", kIban},
                                   {"payouts.tax_data", "required"},
                                   {"payouts.minimum", "1 EUR"}}) {
    CAPTURE(key);
    CHECK(box.error_code("settings.set", pair(key, value), {.yes = false}) == "confirmation_needed");
  }
  CHECK(box.error_code("settings.set", pair("invoices.terms_days", "7"), {.yes = false}) == "");
  const auto agent = box.token({"settings:write"});
  CHECK(box.error_code("settings.set", pair("controls.two_person", "on"), {.token = agent}) == "approval_required");
  CHECK(box.error_code("settings.set", pair("invoices.terms_days", "8"), {.token = agent}) == "");
  box.data("settings.set", pair("controls.two_person", "on"));
  CHECK(last_metadata(box) == R"({"after":{"value":"on"},"before":{"value":"off"}})");
}

TEST_CASE("contract 6: no administrator alone switches the second person off, or solo on", "[settings][operations]") {
  Sandbox box;
  const auto ana = box.user("ana@example.com", {"ADMIN"}), bo = box.user("bo@example.com", {"ADMIN"});
  const auto hers = box.token({"*"}, "PERSON", ana), his = box.token({"*"}, "PERSON", bo);
  box.become(GENERATE(as<std::string>(), "staging", "prod"));
  const auto& [key, value] =
      GENERATE(table<std::string, std::string>({{"controls.two_person", "off"}, {"controls.solo", "on"}}));
  const auto refused = box.refusal("settings.set", pair(key, value), {.token = hers});
  REQUIRE(refused.code() == "approval_required");
  CHECK(box.value("SELECT count(*) FROM settings") == "0");
  const ops::RawArgs request{{"approval", {refused.details().at("approval_id").text()}}};
  CHECK(box.error_code("approvals.approve", request, {.token = hers}) == "same_person");
  CHECK(box.error_code("approvals.approve", request, {.token = his}) == "");
  CHECK(box.value("SELECT key || value FROM settings") == key + value);
  CHECK(box.error_code("settings.set", pair("controls.two_person", "on"), {.token = hers}) == "");
}

TEST_CASE("contract 6: an agent and the administrator who made its token are one person here too",
          "[settings][operations]") {
  Sandbox box;
  const auto hers = box.token({"*"}, "PERSON", box.user("ana@example.com", {"ADMIN"}));
  box.user("bo@example.com", {"ADMIN"});
  box.become("prod");
  const auto agent =
      box.data("tokens.create", {{"name", {"bot"}}, {"scope", {"settings:write"}}}, {.token = hers}).at("token").text();
  const auto refused = box.refusal("settings.set", pair("controls.two_person", "off"), {.token = agent});
  CHECK(box.error_code("approvals.approve", {{"approval", {refused.details().at("approval_id").text()}}},
                       {.token = hers}) == "same_person");
}

TEST_CASE("contract 6: a disabled administrator still is a second person; without any, the only one decides alone",
          "[settings][operations]") {
  Sandbox box;
  const auto hers = box.token({"*"}, "PERSON", box.user("ana@example.com", {"ADMIN"}));
  const bool another = GENERATE(true, false);
  if (another) box.user("bo@example.com", {"ADMIN"});
  box.become("prod");
  if (another) REQUIRE(box.error_code("users.disable", {{"user", {"bo@example.com"}}}, {.token = hers}) == "");
  CHECK(box.error_code("settings.set", pair("controls.two_person", "off"), {.token = hers}) ==
        (another ? "approval_required" : ""));
  if (!another) CHECK(Catch::contains(last_metadata(box), R"("after":{"value":"off"},"before":{"value":"on"})"));
}

TEST_CASE("two people are asked for in prod unless somebody set it otherwise", "[settings][operations]") {
  Sandbox box;
  CHECK(box.data("settings.show", {{"key", {"controls.two_person"}}}).at("value").text() == "off");
  box.become("prod");
  const auto token = box.token({"*"}, "PERSON", box.user("ana@example.com", {"ADMIN"}));
  CHECK(box.data("settings.show", {{"key", {"controls.two_person"}}}, {.token = token}).at("value").text() == "on");
}

TEST_CASE("LG-8: the least that is paid out names each currency once", "[settings][operations]") {
  Sandbox box;
  const auto error = box.refusal("settings.set", pair("payouts.minimum", "50 EUR, 1 EUR"));
  CHECK(error.code() == "invalid_value");
  CHECK(box.data("settings.set", pair("payouts.minimum", "50 EUR, 60 USD")).at("value").text() ==
        "50.00 EUR, 60.00 USD");
}

TEST_CASE("once books are closed the zone stays, because another would move what is closed",
          "[settings][operations]") {
  Sandbox box;
  const auto zone = [](const std::string& name) {
    return ops::RawArgs{{"key", {"studio.timezone"}}, {"value", {name}}};
  };
  box.run("settings.set", zone("Europe/Berlin"));
  box.run("books.close", {{"until", {"2026-02-28"}}});
  const auto error = box.refusal("settings.set", zone("Pacific/Kiritimati"));
  CHECK(error.code() == "books_closed");
  CHECK(error.exit_code() == 5);
  CHECK(box.error_code("settings.reset", {{"key", {"studio.timezone"}}}) == "books_closed");
  CHECK(box.run("settings.set", zone("Europe/Berlin")).warnings.at(0).code == "no_change");
  CHECK(box.value("SELECT value FROM settings WHERE key = 'studio.timezone'") == "Europe/Berlin");
}
