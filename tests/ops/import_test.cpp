// What every import has (docs/contract.md, 3), through the one of inquiries.

#include "ops/import.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/text.h"
#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

namespace {

constexpr auto kHeader = "contact_name,contact_email,audience,goals\n";

ops::RawArgs with(const std::string& path, const ops::RawArgs& more = {}) {
  ops::RawArgs out{{"file", {path}}};
  out.insert(more.begin(), more.end());
  return out;
}

std::string count(Sandbox& box) { return box.value("SELECT count(*) FROM intake_requests"); }

std::string person(int i) {
  const auto n = std::to_string(i);
  return R"({"contact_name":"P )" + n + R"(","contact_email":"p)" + n +
         R"(@client.example","audience":"INDIVIDUAL","goals":"G"})" + "\n";
}

bool has_leftovers(const Sandbox& box, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator(box.folder()))
    if (entry.path().filename().string().find(name + ".tmp-") != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a column is the field that --map says, and one that is mapped to none is left out", "[import]") {
  Sandbox box;
  const auto path = box.write("in.csv", "Kunde;E-Mail;Art;goals;Notiz\nAda;ada@client.example;INDIVIDUAL;Ask;x\n");
  const ops::RawArgs map{{"map", {"Kunde=contact_name", "E-Mail=contact_email", "Art=audience", "Notiz="}}};
  CHECK(box.data("intake.import", with(path, map)).at("imported").integer() == 1);
  CHECK(box.value("SELECT contact_name FROM intake_requests") == "Ada");
  const ops::RawArgs others{{"map", {"Kunde=contact_name", "E-Mail=contact_email", "Art=audience", "*="}}};
  CHECK(box.data("intake.import", with(path, others)).at("unchanged").integer() == 1);
}

TEST_CASE("JSON members are mapped as columns are", "[import]") {
  Sandbox box;
  const auto path = box.write(
      "in.jsonl", R"({"who":"Ada","contact_email":"ada@client.example","audience":"INDIVIDUAL","goals":"G","x":[1]})");
  CHECK(box.data("intake.import", with(path, {{"map", {"who=contact_name", "x="}}})).at("imported").integer() == 1);
}

TEST_CASE("a map that can't be right is refused before a line is read", "[import]") {
  Sandbox box;
  const auto path = box.write("in.csv", std::string(kHeader) + "Ada,ada@client.example,INDIVIDUAL,G\n");
  const auto code = [&](std::vector<std::string> map) {
    return box.error_code("intake.import", with(path, {{"map", std::move(map)}}));
  };
  CHECK(code({"goals=nothing"}) == "unknown_argument");
  CHECK(code({"Name=contact_name"}) == "missing_argument");
  CHECK(code({"goals=timeline"}) == "missing_argument");
  CHECK(code({"goals=contact_name"}) == "conflicting_arguments");
  CHECK(code({"a=goals", "b=goals"}) == "conflicting_arguments");
  CHECK(code({"goals=goals", "goals=timeline"}) == "conflicting_arguments");
  CHECK(count(box) == "0");
}

TEST_CASE("a column of CSV that is no field is refused once, and not in every line", "[import]") {
  Sandbox box;
  const auto error = box.refusal(
      "intake.import", with(box.write("in.csv", "contact_name,contact_email,audience,goals,colour\na,b,c,d,e\n")));
  CHECK(error.code() == "unknown_argument");
  CHECK(error.field() == "colour");
  CHECK(box.error_code("intake.import", with(box.write("in.csv", "contact_name,goals\na,b\n"))) == "missing_argument");
}

TEST_CASE("a file of another encoding and delimiter is read as what it says", "[import]") {
  Sandbox box;
  const auto path =
      box.write("in.csv", "contact_name|contact_email|audience|goals\nM\xFCller|m@client.example|INDIVIDUAL|\x80\n");
  box.run("intake.import", with(path, {{"encoding", {"windows-1252"}}, {"delimiter", {"|"}}}));
  CHECK(box.rows("SELECT contact_name, goals FROM intake_requests") ==
        std::vector<std::vector<std::string>>{{"Müller", "€"}});
  const auto error = box.refusal("intake.import", with(path, {{"delimiter", {"|"}}}));
  CHECK(error.code() == "invalid_lines");
}

TEST_CASE("with --skip-invalid good lines come in and bad ones go to a file that only its owner reads", "[import]") {
  Sandbox box;
  const auto rejects = box.path("rejects.csv");
  const auto path = box.write("in.csv", std::string(kHeader) + "Ada,ada@client.example,INDIVIDUAL,\"Ask, more\"\n" +
                                            "\"B;\"\"ea\",bea,INDIVIDUAL,\"Ask, more\"\nCy,\"x\"y,z,w\n");
  const ops::RawArgs skip{{"skip-invalid", {"true"}}, {"rejects", {rejects}}};
  const auto answer = box.run("intake.import", with(path, skip));
  CHECK(answer.data.at("lines").integer() == 3);
  CHECK(answer.data.at("imported").integer() == 1);
  CHECK(answer.data.at("rejected").integer() == 2);
  CHECK(answer.warnings.at(0).code == "invalid_lines");
  CHECK(box.read(rejects) ==
        "contact_name,contact_email,audience,goals,reject_line,reject_reason,reject_original\n"
        "\"B;\"\"ea\",bea,INDIVIDUAL,\"Ask, more\",3,\"contact_email: Not an e-mail address: \"\"bea\"\".\",\n"
        ",,,,4,The row can't be read: text follows a closing quote.,\"Cy,\"\"x\"\"y,z,w\"\n");
  struct stat status {};
  REQUIRE(::stat(rejects.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1").find("\"rejected\":2") !=
        std::string::npos);
  CHECK(!has_leftovers(box, "rejects.csv"));
}

TEST_CASE("a file of rejects is mended and imported as it is", "[import]") {
  Sandbox box;
  const auto rejects = box.path("rejects.jsonl");
  const auto path =
      box.write("in.jsonl", person(1) + R"({"contact_name":"Bea","contact_email":"bea"})" + "\nnonsense\n");
  box.run("intake.import", with(path, {{"skip-invalid", {"true"}}, {"rejects", {rejects}}}));
  const auto text = box.read(rejects);
  CHECK(
      text ==
      R"({"contact_name":"Bea","contact_email":"bea","reject_line":2,"reject_reason":"audience: audience is missing."})"
      "\n"
      R"({"reject_line":3,"reject_reason":"The JSON is not valid at byte 2: invalid literal.","reject_original":"nonsense"})"
      "\n");
  auto mended = text.substr(0, text.find('\n'));
  mended.replace(mended.find("\"bea\""), 5, R"("bea@client.example","audience":"INDIVIDUAL","goals":"G")");
  CHECK(box.data("intake.import", with(box.write("mended.jsonl", mended))).at("imported").integer() == 1);
}

TEST_CASE("a file with rejects, imported again, changes nothing and rejects the same", "[import]") {
  Sandbox box;
  const auto path = box.write("in.jsonl", person(1) + "nonsense\n");
  const ops::RawArgs skip{{"skip-invalid", {"true"}}, {"rejects", {box.path("r.jsonl")}}};
  box.run("intake.import", with(path, skip));
  const auto rejects = box.read(box.path("r.jsonl"));
  const auto digest = box.table_digest();
  std::filesystem::remove(box.path("r.jsonl"));
  const auto again = box.run("intake.import", with(path, skip));
  CHECK(again.data.at("unchanged").integer() == 1);
  CHECK(box.table_digest() == digest);
  CHECK(box.read(box.path("r.jsonl")) == rejects);
}

TEST_CASE("no line is dropped in silence, and rejects replace neither the file nor the database", "[import]") {
  Sandbox box;
  const auto path = box.write("in.jsonl", person(1));
  CHECK(box.error_code("intake.import", with(path, {{"skip-invalid", {"true"}}})) == "missing_argument");
  CHECK(box.error_code("intake.import", with(path, {{"rejects", {box.path("r")}}})) == "missing_argument");
  const auto code = [&](const std::string& to) {
    return box.error_code("intake.import", with(path, {{"skip-invalid", {"true"}}, {"rejects", {to}}}));
  };
  CHECK(code(path) == "invalid_target");
  CHECK(code("-") == "invalid_target");
  CHECK(code(box.path("no/such/folder/r")) == "file_unwritable");
  CHECK(box.read(path) == person(1));
  CHECK(count(box) == "0");
}

TEST_CASE("a refused import leaves no file of rejects, nor does a dry run", "[import]") {
  Sandbox box;
  const auto rejects = box.path("r.csv");
  const ops::RawArgs skip{{"skip-invalid", {"true"}}, {"rejects", {rejects}}};
  CHECK(box.error_code("intake.import", with(box.write("in.csv", "a,b\n1,2\n"), skip)) == "unknown_argument");
  Call dry;
  dry.dry_run = true;
  box.run("intake.import", with(box.write("in.jsonl", "?nonsense\n"), skip), dry);
  CHECK(!std::filesystem::exists(rejects));
  CHECK(!has_leftovers(box, "r.csv"));
}

TEST_CASE("a dry run says of each line what would become of it", "[import]") {
  Sandbox box;
  submitted(box, {{"name", {"P 1"}}, {"email", {"p1@client.example"}}, {"goals", {"G"}}});
  const auto path = box.write("in.jsonl", person(1) + "nonsense\n" + person(2) + "{}\n" + person(2));
  Call dry;
  dry.dry_run = true;
  const auto data =
      box.data("intake.import", with(path, {{"skip-invalid", {"true"}}, {"rejects", {box.path("r")}}}), dry);
  std::vector<std::string> said;
  for (const auto& line : data.at("lines").items())
    said.push_back(std::to_string(line.at("line").integer()) + " " + line.at("fate").text() + " " +
                   line.at("what").text());
  CHECK(said == std::vector<std::string>{
                    "1 unchanged p1@client.example", "2 refused The JSON is not valid at byte 2: invalid literal.",
                    "3 created p2@client.example", "4 refused audience is missing.", "5 unchanged p2@client.example"});
  for (const auto& change : data.at("changes").items())
    if (change.at("table").text() == "intake_requests") CHECK(change.at("count").integer() == 1);
  const auto shown =
      box.steward({"intake", "import", "--file", path, "--skip-invalid", "--rejects", box.path("r"), "--dry-run"});
  CHECK(shown.out.find("line 3      created   p2@client.example") != std::string::npos);
}

TEST_CASE("a file of many batches is one import, and a line is known across them", "[import]") {
  Sandbox box;
  std::string content;
  for (int i = 0; i < 12'000; ++i) content += person(i);
  content += person(7) + person(11'999);
  const auto data = box.data("intake.import", with(box.write("in.jsonl", content)));
  CHECK(data.at("imported").integer() == 12'000);
  CHECK(data.at("unchanged").integer() == 2);
  CHECK(count(box) == "12000");
  CHECK(box.value("SELECT count(*) FROM intake_status_history h JOIN intake_requests i ON i.id = h.intake_request_id"
                  " WHERE h.to_status = 'NEW'") == "12000");
  CHECK(box.data("intake.import", with(box.write("in.jsonl", content))).at("unchanged").integer() == 12'002);
}

TEST_CASE("a bad line in a late batch takes back the early ones", "[import]") {
  Sandbox box;
  std::string content;
  for (int i = 0; i < 6'000; ++i) content += person(i);
  const auto digest = box.table_digest();
  const auto error = box.refusal("intake.import", with(box.write("in.jsonl", content + "nonsense\n" + person(6'000))));
  CHECK(error.details().at("lines").items().at(0).at("line").integer() == 6'001);
  CHECK(box.table_digest() == digest);
}

TEST_CASE("rejects of a file in another encoding are imported by the same words", "[import]") {
  Sandbox box;
  const ops::RawArgs as{{"encoding", {"windows-1252"}}};
  auto skip = as;
  skip["skip-invalid"] = {"true"};
  for (const auto* form : {"csv", "jsonl"}) {
    CAPTURE(form);
    const auto name = std::string("r.") + form;
    skip["rejects"] = {box.path(name)};
    const auto path = box.write("in", std::string_view(form) == "csv"
                                          ? std::string(kHeader) + "M\xFCller,nobody,INDIVIDUAL,G\n"
                                          : "{\"contact_name\":\"M\xFCller\",\"contact_email\":\"nobody\",\"audience\":"
                                            "\"INDIVIDUAL\",\"goals\":\"G\"}\n");
    box.run("intake.import", with(path, skip));
    auto mended = box.read(name);
    mended.replace(mended.find("nobody"), 6, std::string(form) + "@client.example");
    CHECK(box.data("intake.import", with(box.write("mended", mended), as)).at("imported").integer() == 1);
  }
  CHECK(box.rows("SELECT DISTINCT contact_name FROM intake_requests") ==
        std::vector<std::vector<std::string>>{{"Müller"}});
}

TEST_CASE("a file of which every line is refused is not said to be known already", "[import]") {
  Sandbox box;
  const auto path = box.write("in.csv", std::string(kHeader) + "Bea,bea,INDIVIDUAL,G\n");
  const ops::RawArgs skip{{"skip-invalid", {"true"}}, {"rejects", {box.path("r.csv")}}};
  const auto refused = box.run("intake.import", with(path, skip));
  CHECK(refused.sentence == "Every line of the file is refused.");
  REQUIRE(refused.warnings.size() == 1);
  CHECK(refused.warnings[0].message == fmt::format("1 line can't be taken in; {} says why.", box.path("r.csv")));
  const auto foretold = box.run("intake.import", with(path, skip), {.dry_run = true});
  CHECK(foretold.warnings.at(0).message == "1 line can't be taken in; this list says why.");
}
