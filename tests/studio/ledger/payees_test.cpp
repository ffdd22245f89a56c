// Whom payouts are made to: tax data at rest, who reads it, and what a payout makes of it.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/pdf/reading.h"
#include "ops/sealed.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

const std::string kNoor = "noor@atelier.example", kTaxId = "DE811907980", kName = "Noor Al-Hassan";
const std::string kStreet = "Karl-Heine-Straße 88";

ops::RawArgs whole(const std::string& user = kNoor) {
  return {{"user", {user}},
          {"legal-name", {kName}},
          {"entity-type", {"sole-proprietor"}},
          {"address-line1", {kStreet}},
          {"city", {"Leipzig"}},
          {"postal-code", {"04229"}},
          {"country", {"de"}},
          {"tax-id", {kTaxId}}};
}

ops::RawArgs without(ops::RawArgs raw, const std::string& name) {
  raw.erase(name);
  return raw;
}
ops::RawArgs with(ops::RawArgs raw, const std::string& name, const std::string& value) {
  raw[name] = {value};
  return raw;
}
ops::RawArgs only(const std::string& name, const std::string& value) { return {{"user", {kNoor}}, {name, {value}}}; }

struct Paying : Atelier {
  Json set(const ops::RawArgs& raw = whole(), const Call& call = {}) { return data("ledger.payees.set", raw, call); }
  Json show(const Call& call = {}) { return data("ledger.payees.show", {{"user", {kNoor}}}, call); }
  std::string refused(const ops::RawArgs& raw) { return error_code("ledger.payees.set", raw); }
  std::string column(const std::string& name) const { return value("SELECT " + name + " FROM payout_tax_info"); }
  Json last_metadata() const { return parse_json(value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1")); }
  void demand() { run("settings.set", {{"key", {"payouts.tax_data"}}, {"value", {"Required"}}}); }
  /// The words of a payout of 1500.00 EUR to noor.
  ops::RawArgs payout() { return {{"entry", {approved_entry(delivered(250'000))}}, {"expect-total", {"1500.00 EUR"}}}; }
};

}  // namespace

TEST_CASE("LG-13: tax data is encrypted at rest, and in no trail, no kept answer and no dry run",
          "[ledger][payees][operations]") {
  Paying box;
  const auto rehearsal = to_text(box.run("ledger.payees.set", whole(), {.dry_run = true}).data);
  const auto answer = box.run("ledger.payees.set", whole(), {.key = "once"});
  for (const auto& secret : {kTaxId, kName, kStreet, std::string("Leipzig"), std::string("04229")}) {
    CAPTURE(secret);
    CHECK_FALSE(box.holds(secret));
    CHECK(rehearsal.find(secret) == std::string::npos);
    CHECK(to_text(answer.data).find(secret) == std::string::npos);
  }
  CHECK(rehearsal.find("v1:") == std::string::npos);
  for (const auto* name : {"legal_name", "address_line1", "city", "postal_code", "tax_id"})
    CHECK(box.column(name).starts_with("v1:"));
  CHECK(
      to_canonical(box.last_metadata()) ==
      R"({"after":{"country":"DE","entity_type":"SOLE_PROPRIETOR"},"before":{"country":null,"entity_type":null},)"
      R"("changed":["legal_name","address_line1","city","postal_code","tax_id","entity_type","country"],"user_id":")" +
          box.noor + "\"}");
}

TEST_CASE("LG-13: the database itself takes nothing personal in the clear", "[ledger][payees][operations]") {
  Paying box;
  box.set();
  for (const auto& column : ops::sealed_columns()) {
    if (column.table != "payout_tax_info") continue;
    CAPTURE(column.column);
    CHECK_THROWS(box.sql(fmt::format("UPDATE payout_tax_info SET {} = 'in the clear'", column.column)));
  }
  CHECK_THROWS(box.sql("DELETE FROM payout_tax_info"));
  CHECK_THROWS(box.sql(fmt::format("UPDATE payout_tax_info SET user_id = '{}'", box.pavel)));
}

TEST_CASE("a person sees tax data decrypted but for the tax number; an agent and a job see that it is there",
          "[ledger][payees][operations]") {
  Paying box;
  box.set();
  const auto shown = box.show();
  CHECK(shown.at("legal_name").text() == kName);
  CHECK(shown.at("address_line1").text() == kStreet);
  CHECK(shown.at("country").text() == "DE");
  CHECK(shown.at("tax_id").text() == "…7980");
  CHECK(shown.at("tax_data").text() == "COMPLETE");
  CHECK(shown.at("missing").items().empty());
  CHECK(shown.at("version").integer() == 1);
  for (const auto* kind : {"AGENT", "JOB"}) {
    const auto masked = box.show({.token = box.token({"payees:read"}, kind)});
    CHECK(masked.at("legal_name").text() == "(set)");
    CHECK(masked.at("tax_id").text() == "(set)");
    CHECK(masked.at("address_line2").is_null());
  }
}

TEST_CASE("tax data is read, set and revealed with a scope of its own each, and only one's own by who earns",
          "[ledger][payees][operations][rights]") {
  Paying box;
  box.set();
  const auto ask = [&](const std::string& path, const ops::RawArgs& raw, const Call& call) {
    return box.error_code(path, raw, call);
  };
  const ops::RawArgs noor{{"user", {kNoor}}};
  for (const auto& scopes : {std::vector<std::string>{"ledger:*"}, {"payees:write"}, {"payees:reveal"}})
    CHECK(ask("ledger.payees.show", noor, box.as(box.admin, scopes)) == "forbidden");
  CHECK(ask("ledger.payees.set", only("city", "Halle"), box.as(box.admin, {"payees:read"})) == "forbidden");
  CHECK(ask("ledger.payees.reveal", noor, box.as(box.admin, {"payees:read", "payees:write"})) == "forbidden");
  CHECK(ask("ledger.payees.show", noor, box.as(box.client)) == "forbidden");

  CHECK(ask("ledger.payees.show", noor, box.as(box.noor)) == "");
  CHECK(ask("ledger.payees.set", only("city", "Halle"), box.as(box.noor)) == "");
  CHECK(ask("ledger.payees.reveal", noor, box.as(box.noor)) == "");
  for (const auto* path : {"ledger.payees.show", "ledger.payees.reveal"})
    CHECK(ask(path, noor, box.as(box.pavel)) == "not_found");
  CHECK(ask("ledger.payees.set", only("city", "Gera"), box.as(box.pavel)) == "not_found");
  CHECK(box.list("ledger.payees.list", {}, box.as(box.pavel)).items().empty());
  CHECK(box.list("ledger.payees.list", {}, box.as(box.noor)).items().size() == 1);
  CHECK(box.show().at("city").text() == "Halle");
}

TEST_CASE("LG-13: no agent and no job sets or reveals tax data", "[ledger][payees][operations][rights]") {
  Paying box;
  box.set();
  for (const auto* kind : {"AGENT", "JOB"}) {
    const Call call{.token = box.token({"*"}, kind)};
    CHECK(box.error_code("ledger.payees.set", only("city", "Halle"), call) == "forbidden");
    CHECK(box.error_code("ledger.payees.reveal", {{"user", {kNoor}}}, call) == "forbidden");
  }
  CHECK(box.value("SELECT count(*) FROM action_proposals") == "0");
  CHECK_FALSE(box.holds("Halle"));
}

TEST_CASE("a whole tax number is revealed once, on the record, and kept in no answer", "[ledger][payees][operations]") {
  Paying box;
  box.set();
  const auto answer = box.run("ledger.payees.reveal", {{"user", {kNoor}}}, {.key = "look"});
  CHECK(answer.data.at("revealed").text() == kTaxId);
  CHECK(box.actions().back() == "ledger.payees.reveal");
  CHECK(to_canonical(box.last_metadata()) == R"({"revealed":"tax_id","user_id":")" + box.noor + "\"}");
  CHECK_FALSE(box.holds(kTaxId));
  const auto again = box.run("ledger.payees.reveal", {{"user", {kNoor}}}, {.key = "look"});
  CHECK(again.data.find("revealed") == nullptr);
  CHECK(to_text(box.run("ledger.payees.reveal", {{"user", {kNoor}}}, {.dry_run = true}).data).find(kTaxId) ==
        std::string::npos);
  box.set(whole("pavel@atelier.example"));
  box.run("ledger.payees.set", {{"user", {"pavel@atelier.example"}}, {"clear", {"tax-id"}}});
  CHECK(box.error_code("ledger.payees.reveal", {{"user", {"pavel@atelier.example"}}}) == "not_found");
}

TEST_CASE("an update keeps what it does not name, and says so when nothing is new", "[ledger][payees][operations]") {
  Paying box;
  box.set();
  const auto name = box.column("legal_name"), city = box.column("city");
  CHECK(box.set(with(only("city", "Halle"), "address-line2", "Hinterhaus")).at("version").integer() == 2);
  CHECK(box.column("legal_name") == name);
  CHECK(box.column("city") != city);
  CHECK(to_canonical(box.last_metadata().at("changed")) == R"(["address_line2","city"])");
  CHECK(box.show().at("legal_name").text() == kName);
  const auto seq = box.audit_seq();
  CHECK(box.run("ledger.payees.set", only("city", "Halle")).warnings.at(0).code == "no_change");
  CHECK(box.audit_seq() == seq);
  box.run("ledger.payees.set", {{"user", {kNoor}}, {"clear", {"address-line2"}}});
  CHECK(box.column("address_line2").empty());
}

TEST_CASE("a stale version of tax data is refused, and a first one has none", "[ledger][payees][operations]") {
  Paying box;
  CHECK(box.refused(with(whole(), "if-version", "1")) == "stale_version");
  box.set();
  box.set(with(only("city", "Halle"), "if-version", "1"));
  const auto error = box.refusal("ledger.payees.set", with(only("city", "Gera"), "if-version", "1"));
  CHECK(error.code() == "stale_version");
  CHECK(error.exit_code() == 5);
  CHECK(box.show().at("city").text() == "Halle");
}

TEST_CASE("what an address needs is asked for by its flag, and nothing half is kept", "[ledger][payees][operations]") {
  Paying box;
  for (const auto* flag : {"legal-name", "entity-type", "address-line1", "city", "postal-code", "country"}) {
    CAPTURE(flag);
    const auto error = box.refusal("ledger.payees.set", without(whole(), flag));
    CHECK(error.exit_code() == 2);
    CHECK(error.code() == "missing_argument");
    CHECK(error.field() == (std::string(flag) == "country" ? "country" : flag));
  }
  const auto american = with(with(whole(), "country", "US"), "tax-id", "987-65-4321");
  CHECK(box.refusal("ledger.payees.set", american).field() == "state");
  CHECK(box.value("SELECT count(*) FROM payout_tax_info") == "0");
  box.set(with(american, "state", "NY"));
  CHECK(box.error_code("ledger.payees.set", {{"user", {kNoor}}, {"clear", {"state"}}}) == "missing_argument");
  CHECK(box.refusal("ledger.payees.set", only("tax-id", "12345")).field() == "tax-id");
}

TEST_CASE("a tax number that does not fit is refused also when the country is what is new",
          "[ledger][payees][operations]") {
  Paying box;
  box.set();
  CHECK(box.refused(with(only("country", "US"), "state", "NY")) == "invalid_value");
  CHECK(box.show().at("country").text() == "DE");
}

TEST_CASE("what is too short, too long, no country or hostile is refused by its flag", "[ledger][payees][operations]") {
  Paying box;
  const auto field = [&](const std::string& name, const std::string& value) {
    const auto error = box.refusal("ledger.payees.set", with(whole(), name, value));
    CHECK(error.exit_code() == 2);
    CHECK(error.field() == name);
    return error.code();
  };
  CHECK(field("legal-name", "A") == "text_too_short");
  CHECK(field("address-line1", "12") == "text_too_short");
  CHECK(field("postal-code", "1") == "text_too_short");
  CHECK(field("state", "N") == "text_too_short");
  CHECK(field("city", "  ") == "text_empty");
  CHECK(field("country", "XX") == "invalid_choice");
  CHECK(field("country", "Germany") == "invalid_choice");
  CHECK(field("entity-type", "CLUB") == "invalid_choice");
  CHECK(field("legal-name", std::string(201, 'x')) == "text_too_long");
  CHECK(field("legal-name", "Ada\nByron") == "invalid_text");
  CHECK(field("city", "\x1b[2J") == "invalid_text");
  CHECK(field("city", "\xff\xfe") == "invalid_text");
  const std::string hostile = "Robert'); DROP TABLE users;-- “ünïcode”";
  box.set(with(whole(), "legal-name", hostile));
  CHECK(box.show().at("legal_name").text() == hostile);
  CHECK(box.error_code("ledger.payees.set", whole("nobody@x.example")) == "not_found");
}

TEST_CASE("keys rotate re-encrypts tax data too, and leaves its version alone", "[ledger][payees][keys]") {
  Paying box;
  box.set();
  const auto before = box.column("tax_id");
  CHECK(box.data("keys.rotate").at("fields").integer() == 5);
  CHECK(box.column("tax_id") != before);
  CHECK(box.column("tax_id").starts_with("v1:" + box.data("keys.show").at("key_id").text() + ":"));
  CHECK(box.column("version") == "1");
  CHECK(box.show().at("address_line1").text() == kStreet);
  CHECK(box.data("ledger.payees.reveal", {{"user", {kNoor}}}).at("revealed").text() == kTaxId);
  box.data("db.check");
}

TEST_CASE("with another key tax data can't be read, is named by the doctor, and can be taken down anew",
          "[ledger][payees][keys]") {
  Paying box;
  box.set();
  const auto key = box.key_file();
  std::remove(key.c_str());
  CHECK(box.error_code("ledger.payees.show", {{"user", {kNoor}}}) == "key_missing");
  CHECK(box.refused(only("city", "Halle")) == "key_missing");
  CHECK(box.error_code("init") == "");
  CHECK_FALSE(ops::Vault(key).available());  // a new one would hide that the old one is missing
  ops::Vault::create(key);
  CHECK(box.refused(only("city", "Halle")) == "wrong_key");
  const auto error = box.refusal("ledger.payees.show", {{"user", {kNoor}}});
  CHECK(error.code() == "wrong_key");
  CHECK(error.exit_code() == 6);
  CHECK(box.error_code("doctor") == "check_failed");
  CHECK(box.error_code("keys.rotate") == "wrong_key");
  CHECK(box.list("ledger.payees.list").items().size() == 1);
  const auto warnings = box.run("ledger.payout", box.payout()).warnings;  // whose data there is needs no key
  CHECK(warnings.empty());
  CHECK(box.data("keys.renew").at("lost").items().size() == 1);
  box.set();
  CHECK(box.show().at("legal_name").text() == kName);
}

TEST_CASE("a copy of a database that holds tax data says which key file belongs to it",
          "[ledger][payees][keys][copy][sqlite]") {
  Paying box;
  const auto warned = [&](const std::string& to) {
    for (const auto& warning : box.run("db.copy", {{"to", {box.path(to)}}}).warnings)
      if (warning.code == "key_missing") return true;
    return false;
  };
  CHECK_FALSE(warned("before.db"));
  box.set();
  CHECK(warned("after.db"));
  const auto key = box.read(box.key_file());
  box.use_database(box.path("after.db"));
  box.write("after.db.key", key);
  std::filesystem::permissions(box.path("after.db.key"), std::filesystem::perms(0600));
  CHECK(box.show().at("legal_name").text() == kName);
}

TEST_CASE("a ciphertext of tax data moved to another column or person can't be opened there",
          "[ledger][payees][keys]") {
  Paying box;
  box.set();
  box.sql("UPDATE payout_tax_info SET legal_name = city");
  CHECK(box.error_code("ledger.payees.show", {{"user", {kNoor}}}) == "wrong_key");
}

TEST_CASE("the list says whose tax data is missing of those who earn, and tells nothing personal",
          "[ledger][payees][operations]") {
  Paying box;
  box.delivered(250'000, true);  // noor earns, lucia referred
  box.set(without(whole(), "tax-id"));
  box.set(with(whole("pavel@atelier.example"), "legal-name", "Pavel Dvorak"));
  const auto status = [&](const std::string& wanted) {
    std::string out;
    const auto rows = box.list("ledger.payees.list", {{"status", {wanted}}});
    for (const auto& row : rows.items()) out += row.at("user_email").text() + " ";
    return out;
  };
  CHECK(status("missing") == "lucia@atelier.example ");
  CHECK(status("incomplete") == "noor@atelier.example ");
  CHECK(status("complete") == "pavel@atelier.example ");
  const auto all = to_text(box.list("ledger.payees.list"));
  CHECK(all.find(kName) == std::string::npos);
  CHECK(all.find(kStreet) == std::string::npos);
  CHECK(all.find("v1:") == std::string::npos);
  CHECK(box.list("ledger.payees.list", {{"country", {"DE"}}}).items().size() == 2);
  CHECK(box.list("ledger.payees.list", {{"search", {"luc"}}}).items().size() == 1);
  CHECK(box.list("ledger.payees.list", {{"since", {"+1h"}}}).items().empty());
}

TEST_CASE("LG-8: a payout warns of missing tax data, also in its dry run, and is made",
          "[ledger][payees][operations]") {
  Paying box;
  const auto raw = box.payout();
  for (const bool dry : {true, false}) {
    const auto answer = box.run("ledger.payout", raw, {.dry_run = dry});
    REQUIRE(answer.warnings.size() == 1);
    CHECK(answer.warnings.front().code == "tax_data_missing");
    CHECK_THAT(answer.warnings.front().message,
               Catch::Contains(kNoor) && Catch::Contains("legal_name") && Catch::Contains("ledger payees set"));
  }
}

TEST_CASE("LG-8: while tax data is required nobody is paid without, and who has it is",
          "[ledger][payees][operations]") {
  Paying box;
  box.demand();
  const auto raw = box.payout();
  for (const bool dry : {true, false}) {
    const auto error = box.refusal("ledger.payout", raw, {.dry_run = dry});
    CHECK(error.code() == "tax_data_missing");
    CHECK(error.exit_code() == 6);
    CHECK(error.details().at("user_email").text() == kNoor);
    CHECK(error.hint() == "steward ledger payees set " + kNoor);
  }
  CHECK(box.entry_status(raw.at("entry").front()) == "APPROVED");
  box.set(without(whole(), "tax-id"));
  CHECK(to_canonical(box.refusal("ledger.payout", raw).details().at("missing")) == R"(["tax_id"])");
  box.set(only("tax-id", kTaxId));
  CHECK(box.run("ledger.payout", raw).warnings.empty());
  CHECK(box.entry_status(raw.at("entry").front()) == "PAYING");
}

TEST_CASE("whether tax data is required is one of two words", "[ledger][payees][settings]") {
  Sandbox box;
  CHECK(box.data("settings.show", {{"key", {"payouts.tax_data"}}}).at("value").text() == "optional");
  const auto error = box.refusal("settings.set", {{"key", {"payouts.tax_data"}}, {"value", {"sometimes"}}});
  CHECK(error.code() == "invalid_choice");
  CHECK(error.exit_code() == 2);
  CHECK(box.data("settings.set", {{"key", {"payouts.tax_data"}}, {"value", {"REQUIRED"}}}).at("value").text() ==
        "required");
}

TEST_CASE("LG-8: the agenda asks for the tax data that keeps somebody from being paid", "[ledger][payees][agenda]") {
  Paying box;
  box.approved_entry(box.delivered(250'000));
  const auto waiting = [&](const std::string& key) {
    const auto agenda = box.data("status").at("waiting");
    for (const auto& item : agenda.items())
      if (item.at("key").text() == key) return item.at("command").text();
    return std::string();
  };
  CHECK(waiting("payees_incomplete").empty());
  CHECK_FALSE(waiting("ledger_approved").empty());
  box.demand();
  CHECK(waiting("payees_incomplete") == "steward ledger payees show " + kNoor);
  CHECK(waiting("ledger_approved").empty());
  box.set();
  CHECK(waiting("payees_incomplete").empty());
  CHECK_FALSE(waiting("ledger_approved").empty());
}

TEST_CASE("a statement is made out to the payee's legal name and address, for who may read them",
          "[ledger][payees][documents]") {
  Paying box;
  box.set();
  const ops::RawArgs raw{{"user", {kNoor}}, {"month", {"2026-02"}}, {"to", {box.path("s.pdf")}}};
  const auto answer = box.data("ledger.statement", raw);
  CHECK(answer.at("legal_name").text() == kName);
  CHECK(answer.at("address").text() == kStreet + "\n04229 Leipzig\nDE");
  CHECK_THAT(text_of_pdf(box.read("s.pdf")),
             Catch::Contains(kName) && Catch::Contains("04229 Leipzig") && !Catch::Contains(kTaxId));
  for (const auto& call : {Call{.token = box.token({"*"})}, box.as(box.admin, {"ledger:read"})}) {
    const auto plain = box.data("ledger.statement", raw, call);
    CHECK(plain.at("legal_name").is_null());
    CHECK(plain.at("address").is_null());
    CHECK_THAT(text_of_pdf(box.read("s.pdf")), !Catch::Contains(kName) && !Catch::Contains("Leipzig"));
  }
}

TEST_CASE("every column that only takes ciphertexts is one that a new key re-encrypts", "[ledger][payees][sqlite]") {
  Sandbox box;
  std::string found, known;
  for (const auto& row : box.rows("SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
                                  " WHERE m.type = 'table' AND m.sql LIKE '%CHECK (' || c.name || ' LIKE ''v1:%'"
                                  " ORDER BY m.name, c.cid"))
    found += row.front() + "\n";
  for (const auto& column : ops::sealed_columns())
    if (ops::is_sealed(column.table, column.column)) known += fmt::format("{}.{}\n", column.table, column.column);
  CHECK(found == known);
}

TEST_CASE("tax data goes in and out through the shell, and no output shows more than it may",
          "[ledger][payees][binary]") {
  Paying box;
  const auto set = box.steward({"ledger", "payees", "set", kNoor, "--legal-name", kName, "--entity-type", "individual",
                                "--address-line1", kStreet, "--city", "Leipzig", "--postal-code", "04229", "--country",
                                "DE", "--tax-id", kTaxId, "--verbose"});
  CHECK(set.exit == 0);
  CHECK(set.out == "Took down the tax data of noor@atelier.example.\n");
  CHECK((set.out + set.err).find(kTaxId) == std::string::npos);
  const auto shown = box.steward({"ledger", "payees", "show", kNoor});
  CHECK_THAT(shown.out, Catch::Contains(kName) && Catch::Contains("…7980") && !Catch::Contains(kTaxId));
  const auto listed = box.steward({"ledger", "payees", "list", "--json"});
  CHECK(listed.exit == 0);
  CHECK(listed.json().at("data").items().size() == 1);
  CHECK(listed.out.find(kName) == std::string::npos);
  const auto revealed = box.steward({"ledger", "payees", "reveal", kNoor});
  CHECK_THAT(revealed.out, Catch::Contains("Shown once: " + kTaxId));
  CHECK(box.steward({"ledger", "payees", "reveal", kNoor, "--quiet"}).out == kTaxId + "\n");
  const auto wrong = box.steward({"ledger", "payees", "set", kNoor, "--tax-id", "<b>1", "--json"});
  CHECK(wrong.exit == 2);
  CHECK(wrong.error_code() == "invalid_value");
  CHECK_FALSE(box.holds(kTaxId));
}

TEST_CASE("a tax number comes from a file or standard input, where no list of processes shows it",
          "[ledger][payees][binary]") {
  Paying box;
  box.set(without(whole(), "tax-id"));
  const auto set = [&](const std::string& file, const std::string& input) {
    return box.steward({"ledger", "payees", "set", kNoor, "--tax-id-file", file, "--json"}, input);
  };
  CHECK(set("-", "  " + kTaxId + "\n").exit == 0);
  CHECK(box.steward({"ledger", "payees", "reveal", kNoor, "--quiet"}).out == kTaxId + "\n");
  CHECK(set(box.write("number", "DE123456788"), "").exit == 0);
  CHECK(box.steward({"ledger", "payees", "reveal", kNoor, "--quiet"}).out == "DE123456788\n");
  CHECK(set(box.write("number", "\n"), "").error_code() == "text_empty");
  CHECK(set(box.write("number", std::string(2000, '1')), "").error_code() == "file_too_large");
  CHECK(set(box.path("nowhere"), "").error_code() == "file_unreadable");
  CHECK(box.refused(with(whole(), "tax-id-file", box.path("number"))) == "conflicting_arguments");
  CHECK(box.steward({"ledger", "payees", "reveal", kNoor, "--quiet"}).out == "DE123456788\n");
}

TEST_CASE("LG-8: the shell says which tax data is missing, as text and as JSON", "[ledger][payees][binary]") {
  Paying box;
  box.demand();
  const auto raw = box.payout();
  const std::vector<std::string> words{"ledger",         "payout",      raw.at("entry").front(),
                                       "--expect-total", "1500.00 EUR", "--yes"};
  const auto refused = box.steward(words);
  CHECK(refused.exit == 6);
  CHECK_THAT(refused.err, Catch::Contains("legal_name") && Catch::Contains("steward ledger payees set " + kNoor));
  box.run("settings.reset", {{"key", {"payouts.tax_data"}}});
  auto rehearsed = words;
  rehearsed.insert(rehearsed.end(), {"--dry-run", "--json"});
  CHECK(box.steward(rehearsed).json().at("warnings").items().front().at("code").text() == "tax_data_missing");
  CHECK_THAT(box.steward(words).err, Catch::Contains("The tax data of noor@atelier.example lacks"));
}

TEST_CASE("a month that is none is named as a month", "[ledger][operations]") {
  Sandbox box;
  const auto error =
      box.refusal("ledger.statement", {{"user", {"a@x.example"}}, {"month", {"2026-13"}}, {"to", {"-"}}});
  CHECK(error.code() == "invalid_date");
  CHECK_THAT(error.hint(), Catch::Contains("2026-11") && !Catch::Contains("2026-11-"));
}
