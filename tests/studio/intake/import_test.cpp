#include <catch2/catch.hpp>

#include "core/text.h"
#include "ops/encoding.h"
#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr auto kAda =
    R"({"audience": "INDIVIDUAL", "contact_name": "Ada", "contact_email": "Ada@Client.example", "goals": "Ask more."})";
constexpr auto kBea =
    R"({"audience":"team","contact_name":"Bea","contact_email":"bea@client.example","goals":"Wait more.",)"
    R"("organization_name":"Bea & Co","timeline":"Soon","constraints":null,"priority":70,"referral_code":"X-1"})";

std::string lines(std::initializer_list<std::string_view> all) {
  std::string out;
  for (const auto line : all) out.append(line).append("\n");
  return out;
}

ops::RawArgs file(const std::string& path) { return {{"file", {path}}}; }

Json import(Sandbox& box, const std::string& content) {
  return box.data("intake.import", file(box.write("in.jsonl", content)));
}

Error refused(Sandbox& box, const std::string& content) {
  const auto digest = box.table_digest();
  auto error = box.refusal("intake.import", file(box.write("in.jsonl", content)));
  CHECK(box.table_digest() == digest);
  return error;
}

// The field and code that a bad value is named with.
std::string named(Sandbox& box, const std::string& line) {
  const auto error = refused(box, line);
  const auto& bad = error.details().at("lines").items().at(0);
  return (bad.at("field").is_null() ? "" : bad.at("field").text()) + " " + bad.at("code").text();
}

std::string count(Sandbox& box, const std::string& table) { return box.value("SELECT count(*) FROM " + table); }

}  // namespace

TEST_CASE("every line of a file becomes an inquiry, with its history, and one audit row for all", "[intake][import]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto content = lines({kAda, "", kBea});
  const auto data = import(box, content);
  CHECK(data.at("lines").integer() == 2);
  CHECK(data.at("imported").integer() == 2);
  CHECK(data.at("unchanged").integer() == 0);
  CHECK(data.at("file_hash").text() == ops::blake2b_hex(content));
  CHECK(box.rows("SELECT contact_email, audience, organization_name, timeline, priority, status, attribution_error"
                 " FROM intake_requests ORDER BY id") ==
        std::vector<std::vector<std::string>>{
            {"ada@client.example", "INDIVIDUAL", "", "", "50", "NEW", ""},
            {"bea@client.example", "TEAM", "Bea & Co", "Soon", "70", "NEW", "unknown_code"}});
  CHECK(count(box, "intake_status_history") == "2");
  CHECK(box.actions(seq) == std::vector<std::string>{"intake.import"});
  const auto audit = parse_json(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1"));
  CHECK(audit.at("imported").integer() == 2);
  CHECK(audit.at("file_hash").text() == ops::blake2b_hex(content));
}

TEST_CASE("a file without an inquiry is told from one that is known already", "[intake][import]") {
  Sandbox box;
  const auto none = GENERATE(as<std::string>(), "", "\n", "audience,contact_name,contact_email,goals\n");
  const auto empty = box.run("intake.import", file(box.write("in.csv", none)));
  CHECK(empty.sentence == "There is no inquiry in the file.");
  CHECK(empty.warnings.at(0).code == "no_change");
  import(box, lines({kAda}));
  CHECK(box.run("intake.import", file(box.write("in.jsonl", lines({kAda})))).sentence ==
        "Every inquiry of the file is known already.");
}

TEST_CASE("importing a file again changes nothing, whenever that is", "[intake][import]") {
  Sandbox box;
  import(box, lines({kAda, kBea}));
  box.run("intake.triage", {{"intake", {box.value("SELECT id FROM intake_requests LIMIT 1")}}, {"priority", {"99"}}});
  const auto digest = box.table_digest();
  for (const char* later : {"2026-03-02T09:00:01Z", "2027-03-02T09:00:00Z"}) {
    box.at(later);
    const auto answer = box.run("intake.import", file(box.write("in.jsonl", lines({kAda, kBea}))));
    CHECK(answer.warnings.at(0).code == "no_change");
    CHECK(answer.data.at("unchanged").integer() == 2);
    CHECK(box.table_digest() == digest);
  }
}

TEST_CASE("a file stays good when an offer it names goes off sale", "[intake][import]") {
  Sandbox box;
  offer_on_sale(box, "course");
  const auto line = R"({"audience":"INDIVIDUAL","contact_name":"A","contact_email":"a@b.example","goals":"G",)"
                    R"("offer_slug":"course"})";
  import(box, line);
  box.run("offers.deactivate", {{"offer", {"course"}}});
  CHECK(import(box, line).at("unchanged").integer() == 1);
}

TEST_CASE("IK-3: a line that says what was said within a day is no new inquiry", "[intake][import]") {
  Sandbox box;
  submitted(box, {{"email", {"ada@client.example"}}, {"goals", {"ASK more."}}});
  const auto data = import(box, lines({kAda, kAda, kBea, kBea}));
  CHECK(data.at("imported").integer() == 1);
  CHECK(data.at("unchanged").integer() == 3);
}

TEST_CASE("a longer file takes in what is new", "[intake][import]") {
  Sandbox box;
  import(box, lines({kAda}));
  const auto data = import(box, lines({kAda, kBea}));
  CHECK(data.at("imported").integer() == 1);
  CHECK(data.at("unchanged").integer() == 1);
}

TEST_CASE("one bad line keeps the whole file out, and every bad line is named", "[intake][import]") {
  Sandbox box;
  const auto error = refused(box, lines({kAda, "{",
                                         "\xEF\xBB\xBF"
                                         "[]",
                                         kBea, R"({"audience":"TEAM"})", ""}));
  CHECK(error.code() == "invalid_lines");
  CHECK(error.exit_code() == 2);
  CHECK(error.details().at("count").integer() == 3);
  const auto& bad = error.details().at("lines").items();
  REQUIRE(bad.size() == 3);
  CHECK(bad.at(0).at("line").integer() == 2);
  CHECK(bad.at(0).at("code").text() == "invalid_json");
  CHECK(bad.at(1).at("line").integer() == 3);
  CHECK(bad.at(1).at("message").text() == "Line 3: The line is not a JSON object.");
  CHECK(bad.at(2).at("line").integer() == 5);
  CHECK(bad.at(2).at("field").text() == "contact_name");
  CHECK(bad.at(2).at("message").text() == "Line 5, contact_name: contact_name is missing.");
}

TEST_CASE("of many bad lines a hundred are named and all are counted", "[intake][import]") {
  Sandbox box;
  std::string content;
  for (int i = 0; i < 250; ++i) content += "?nonsense\n";
  const auto error = refused(box, content);
  CHECK(error.details().at("count").integer() == 250);
  CHECK(error.details().at("lines").items().size() == 100);
}

TEST_CASE("a bad value is named by its field", "[intake][import]") {
  Sandbox box;
  offer_on_sale(box, "course");
  box.run("offers.deactivate", {{"offer", {"course"}}});
  const auto with = [](const std::string& member) {
    return R"({"contact_name":"A","goals":"G","contact_email":"a@b.example","audience":"INDIVIDUAL",)" + member + "}";
  };
  CHECK(named(box, with(R"("colour":"red")")) == "colour unknown_argument");
  CHECK(named(box, with(R"("goals":"H")")) == " invalid_json");
  CHECK(named(box, with(R"("priority":1001)")) == "priority out_of_range");
  CHECK(named(box, with(R"("priority":7.5)")) == "priority invalid_number");
  CHECK(named(box, with(R"("timeline":["soon"])")) == "timeline invalid_json");
  CHECK(named(box, with(R"("timeline":" ")")) == "timeline text_empty");
  CHECK(named(box, with(R"("offer_slug":"no-such")")) == "offer_slug not_found");
  CHECK(named(box, with(R"("offer_slug":"course")")) == "offer_slug offer_inactive");
  CHECK(named(box, R"({"audience":"CROWD","contact_name":"A","goals":"G","contact_email":"a@b.example"})") ==
        "audience invalid_choice");
  CHECK(named(box, R"({"audience":"INDIVIDUAL","contact_name":"A","goals":"G","contact_email":"a"})") ==
        "contact_email invalid_email");
  CHECK(named(box, R"({"audience":"TEAM","contact_name":"A","goals":"G","contact_email":"a@b.example"})") ==
        "organization_name missing_argument");
  CHECK(named(box, "\"" + std::string(2u << 20, 'x') + "\"") == " line_too_long");
}

TEST_CASE("a missing file is no empty one", "[intake][import]") {
  Sandbox box;
  CHECK(box.error_code("intake.import", file(box.path("none.jsonl"))) == "file_unreadable");
  CHECK(box.run("intake.import", file(box.write("empty.jsonl", ""))).warnings.at(0).code == "no_change");
}

TEST_CASE("a dry run of an import counts what it would do, and does nothing", "[intake][import]") {
  Sandbox box;
  const auto path = box.write("in.jsonl", lines({kAda, kBea}));
  const auto digest = box.table_digest();
  Call dry;
  dry.dry_run = true;
  const auto data = box.data("intake.import", file(path), dry);
  CHECK(box.table_digest() == digest);
  CHECK(data.at("would_answer").at("imported").integer() == 2);
  for (const auto& change : data.at("changes").items())
    if (change.at("table").text() == "intake_requests") CHECK(change.at("count").integer() == 2);
}

TEST_CASE("under an idempotency key a file counts by its content", "[intake][import]") {
  Sandbox box;
  Call once;
  once.key = "monday";
  const auto first = box.data("intake.import", file(box.write("a.jsonl", lines({kAda}))), once);
  const auto again = box.run("intake.import", file(box.write("b.jsonl", lines({kAda}))), once);
  CHECK(to_canonical(again.data) == to_canonical(first));
  CHECK(again.warnings.at(0).code == "idempotent_replay");
  CHECK(box.error_code("intake.import", file(box.write("a.jsonl", lines({kBea}))), once) == "idempotency_conflict");
}

TEST_CASE("standard input is read as a file is, also under a key", "[intake][import][cli]") {
  Sandbox box;
  const std::vector<std::string> words{"intake", "import", "--file", "-", "--json", "--idempotency-key", "k"};
  const auto first = box.steward(words, lines({kAda, kBea}));
  CHECK(first.exit == 0);
  CHECK(parse_json(first.out).at("data").at("imported").integer() == 2);
  CHECK(parse_json(box.steward(words, lines({kAda, kBea})).out).at("warnings").items().at(0).at("code").text() ==
        "idempotent_replay");
  CHECK(box.steward(words, lines({kAda})).exit == 5);
}

TEST_CASE("at a terminal each bad line is printed with its number", "[intake][import][cli]") {
  Sandbox box;
  const auto ran = box.steward({"intake", "import", "--file", "-"}, lines({kAda, "{}", "nonsense"}));
  CHECK(ran.exit == 2);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("2 lines of standard input can't be taken in") != std::string::npos);
  CHECK(ran.err.find("Line 2, audience: audience is missing.") != std::string::npos);
  CHECK(ran.err.find("Line 3: ") != std::string::npos);
}

TEST_CASE("inquiries come from CSV as they come from JSON lines", "[intake][import]") {
  Sandbox box;
  const auto csv = lines({"contact_name,contact_email,audience,goals,organization_name,timeline,priority",
                          "Ada,Ada@Client.example,individual,Ask more.,,,",
                          "田中 由美,yumi@client.example,TEAM,\"Wait, ask,", "and wait.\",関西精機,Soon,70"});
  const auto data = import(box, csv);
  CHECK(data.at("imported").integer() == 2);
  CHECK(box.rows("SELECT contact_name, goals, coalesce(timeline, '-'), priority FROM intake_requests ORDER BY id") ==
        std::vector<std::vector<std::string>>{{"Ada", "Ask more.", "-", "50"},
                                              {"田中 由美", "Wait, ask,\nand wait.", "Soon", "70"}});
  CHECK(import(box, csv).at("unchanged").integer() == 2);
  CHECK(import(box, lines({kAda})).at("unchanged").integer() == 1);
}

TEST_CASE("one bad row of CSV keeps the whole file out, and is named by line and field", "[intake][import]") {
  Sandbox box;
  const auto error =
      refused(box, lines({"contact_name,contact_email,audience,goals", "Ada,ada@client.example,individual,Ask",
                          "Bea,bea,individual,Ask", "Cy,cy@client.example"}));
  const auto& bad = error.details().at("lines").items();
  REQUIRE(bad.size() == 2);
  CHECK(bad.at(0).at("line").integer() == 3);
  CHECK(bad.at(0).at("code").text() == "invalid_email");
  CHECK(bad.at(1).at("line").integer() == 4);
  CHECK(bad.at(1).at("code").text() == "invalid_csv");
  CHECK(refused(box, "contact_name,contact_name\na,b\n").code() == "invalid_csv");
}
