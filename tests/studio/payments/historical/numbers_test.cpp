// What older invoices do to the numbers, and how theirs are named.
#include <filesystem>
#include "studio/numbering/numbering.h"

#include "studio/payments/historical/older.h"

using namespace steward;
using namespace steward::test;

namespace {

std::string of(const std::string& number, const std::string& date) {
  return older({{"number", number}, {"issue_date", date}});
}

std::string next_issued(Sandbox& box) { return issued_invoice(box); }

std::string marks(const Sandbox& box) {
  std::string out;
  for (const auto& row : box.rows("SELECT key, value FROM settings WHERE key LIKE 'numbering.resumed.%' ORDER BY key"))
    out += row[0].substr(18) + " from " + row[1] + "; ";
  return out;
}

std::string problems(Sandbox& box) {
  std::string out;
  const auto error = box.error_code("db.check").empty() ? Error{ErrorKind::defect, "", ""} : box.refusal("db.check");
  if (!error.details().is_object()) return out;
  for (const auto& check : error.details().at("checks").items())
    if (!check.at("ok").boolean()) out += check.at("detail").text();
  return out;
}

void pause(const Sandbox& box) {
  auto connection = box.connect();
  db::Tx tx(*connection, db::Access::write, box.now());
  numbering::pause(tx);
  tx.commit();
}

}  // namespace

TEST_CASE("CM-8: the next number stands behind the highest that was brought, and its date after that one's",
          "[numbering][historical]") {
  Sandbox box;
  import_older(
      box, of("INV-2026-0041", "2026-02-20") + of("INV-2026-0040", "2026-02-01") + of("INV-2025-0113", "2025-12-30"));
  const auto draft = draft_invoice(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft}}, {"date", {"2026-02-19"}}}) == "back_dated");
  CHECK(text(box.data("invoices.issue", {{"invoice", {draft}}, {"date", {"2026-02-20"}}}), "number") ==
        "INV-2026-0042");
  const auto last_year = draft_invoice(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {last_year}}, {"date", {"2025-12-29"}}}) == "back_dated");
  CHECK(text(box.data("invoices.issue", {{"invoice", {last_year}}, {"date", {"2025-12-31"}}}), "number") ==
        "INV-2025-0114");
  check_books(box);
}

TEST_CASE("CM-8: numbers that an import leaves out are no gap to any check, whatever the order of the file",
          "[numbering][historical]") {
  Sandbox box;
  import_older(
      box, of("INV-2026-0009", "2026-02-20") + of("INV-2026-0003", "2026-02-01") + of("INV-2026-0004", "2026-02-02"));
  CHECK(marks(box) == "INV-2026-0009 from 5; ");
  check_books(box);
  CHECK(next_issued(box) == "INV-2026-0010");
  import_older(box, of("INV-2026-0006", "2026-02-10"));
  CHECK(marks(box) == "INV-2026-0006 from 5; INV-2026-0009 from 5; ");
  CHECK(next_issued(box) == "INV-2026-0011");
  check_books(box);
}

TEST_CASE("CM-8: older numbers before the first of a year leave no gap either", "[numbering][historical]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"invoices.next_number"}}, {"value", {"100"}}});
  CHECK(next_issued(box) == "INV-2026-0100");
  import_older(box, of("INV-2026-0001", "2026-01-02") + of("INV-2026-0002", "2026-01-03"));
  CHECK(marks(box) == "INV-2026-0100 from 3; ");
  CHECK(next_issued(box) == "INV-2026-0101");
  check_books(box);
}

TEST_CASE("CM-8: a gap that was there before an import is still found after it", "[numbering][historical]") {
  Sandbox box;
  import_older(box, of("INV-2026-0005", "2026-02-05") + of("INV-2026-0009", "2026-02-09"));
  box.sql("DELETE FROM settings WHERE key LIKE 'numbering.resumed.%'");
  CHECK_THAT(problems(box), Catch::Contains("INV-2026-0009: the one before it is number 5"));
  import_older(
      box, of("INV-2026-0007", "2026-02-07") + of("INV-2026-0001", "2026-01-01") + of("INV-2026-0012", "2026-02-12"));
  CHECK(marks(box) == "INV-2026-0005 from 2; INV-2026-0007 from 6; INV-2026-0012 from 10; ");
  CHECK_THAT(problems(box), Catch::Contains("INV-2026-0009: the one before it is number 7"));
}

TEST_CASE("CM-8: a dry run foretells the counters and the marks too", "[numbering][historical]") {
  Sandbox box;
  next_issued(box);
  const auto rows =
      of("INV-2026-0009", "2026-03-02") + of("INV-2025-0003", "2025-03-02") + of("INV-2025-0007", "2025-04-02");
  std::map<std::string, int> foretold;
  const auto before = box.snapshot();
  const auto rehearsal = import_older(box, rows, {}, {.dry_run = true});
  for (const auto& change : rehearsal.at("changes").items())
    foretold[text(change, "table") + " " + text(change, "op")] = static_cast<int>(number(change, "count"));
  CHECK(differences(before, box.snapshot()).empty());
  import_older(box, rows);
  CHECK(differences(before, box.snapshot()) == foretold);
  CHECK(foretold.at("settings insert") == 2);
  CHECK(foretold.at("document_counters insert") == 1);
  CHECK(foretold.at("document_counters update") == 1);
}

TEST_CASE("CM-8: a number of ours is refused in another year than its date's", "[numbering][historical]") {
  Sandbox box;
  CHECK(bad_lines(box, of("INV-2025-0001", "2026-01-01") + of("INV-2024-0001", "2025-01-01")) ==
        "2 number invalid_value; 3 number invalid_value");
}

TEST_CASE("contract 7: a year that a restore paused takes older invoices down and stays paused",
          "[numbering][historical][pause]") {
  Sandbox box;
  next_issued(box);
  pause(box);
  import_older(box, of("INV-2026-0002", "2026-03-02") + of("INV-2026-0004", "2026-03-02"));
  const auto draft = draft_invoice(box);
  CHECK(box.refusal("invoices.issue", {{"invoice", {draft}}}).details().at("next").integer() == 5);
  CHECK(box.error_code("invoices.confirm-number", {{"number", {"4"}}}) == "number_taken");
  box.run("invoices.confirm-number", {{"number", {"7"}}});
  import_older(box, of("INV-2026-0005", "2026-03-02") + of("INV-2026-0008", "2026-03-02"));
  CHECK(text(box.data("invoices.issue", {{"invoice", {draft}}}), "number") == "INV-2026-0009");
  check_books(box);
}

TEST_CASE("what only resembles our numbers is kept as it is spelled, and moves no counter", "[numbering][historical]") {
  Sandbox box;
  const std::vector<std::string> foreign{"INV-2026-007",  "INV-2026-00008",  "inv-2026-0009",
                                         "INV-20AB-0001", "INV-2026-ABCD",   "INV-1850-0001",
                                         "INV-2026-0000", "INV-2026-0001-B", "CN-2026-0001"};
  std::string rows;
  for (const auto& number : foreign) rows += of(number, "2026-01-05");
  import_older(box, rows);
  CHECK(box.value("SELECT count(*) FROM document_counters") == "0");
  for (const auto& number : foreign) {
    CAPTURE(number);
    CHECK(text(invoice(box, number), "number") == number);
  }
  check_books(box);
  CHECK(next_issued(box) == "INV-2026-0001");
  check_books(box);
}

TEST_CASE("every command names an invoice of another program by its exact spelling first", "[payments][historical]") {
  Sandbox box;
  import_older(box, of("RE 2025/17", "2025-11-03") + of("re 2025/17", "2025-11-04") + of("20250017", "2025-11-05"));
  CHECK(text(invoice(box, "RE 2025/17"), "issue_date") == "2025-11-03");
  CHECK(text(invoice(box, "re 2025/17"), "issue_date") == "2025-11-04");
  CHECK(text(invoice(box, "20250017"), "issue_date") == "2025-11-05");
  pay(box, "re 2025/17", "40.00");
  CHECK(box.list("payments.list", {{"invoice", {"re 2025/17"}}}).items().size() == 1);
  box.run("invoices.credit", {{"invoice", {"RE 2025/17"}}, {"amount", {"10.00"}}, {"reason", {"Agreed"}}});
  CHECK(number(invoice(box, "RE 2025/17"), "credited_cents") == 1000);
  CHECK(box.run("invoices.void", {{"invoice", {"20250017"}}, {"reason", {"Wrong"}}}).next ==
        "steward invoices duplicate 20250017");
  CHECK(text(box.data("invoices.duplicate", {{"invoice", {"re 2025/17"}}}), "status") == "DRAFT");
  CHECK(text(invoice(box, "Re 2025/17"), "number") == "RE 2025/17");  // in any case, where nothing is spelled so
  check_books(box);
}

TEST_CASE("our own numbers are still named in any case", "[payments][historical]") {
  Sandbox box;
  const auto number = issued_invoice(box);
  CHECK(text(invoice(box, "inv-2026-0001"), "number") == number);
  pay(box, "inv-2026-0001", "1.00");
  CHECK(box.list("payments.list", {{"invoice", {"Inv-2026-0001"}}}).items().size() == 1);
}

TEST_CASE("a number with blanks or quotes is typed from the agenda as it stands", "[agenda][historical]") {
  Sandbox box;
  const std::string odd = "RE '17";
  import_older(box, of(odd, "2025-11-03") + of("RE 1 2345678901234567890123456789012", "2025-11-03"));
  std::string command;
  const auto status = box.data("status");
  for (const auto& item : status.at("waiting").items())
    if (text(item, "key") == "invoices_overdue") command = text(item, "command");
  CHECK(command == R"(steward invoices show 'RE '\''17')");
}

TEST_CASE("older invoices at the shell: taken down, shown, repeated", "[payments][historical][cli]") {
  Sandbox box;
  box.write("old.csv", kOlderHeader + of("RE-2025/17", "2025-11-03"));
  const std::vector<std::string> words{"invoices", "import", "--historical", "--file", box.path("old.csv"), "--yes"};
  const auto ran = box.steward(words);
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::Contains("Took in 1 invoice;"));
  CHECK(box.steward({"invoices", "show", "RE-2025/17", "--json"}).json().at("data").at("status").text() == "ISSUED");
  CHECK_THAT(box.steward(words).out, Catch::Contains("known already"));
  CHECK(box.steward({"invoices", "import", "--file", box.path("old.csv"), "--yes"}).exit == 2);
}

TEST_CASE("CM-8: an import says where the series that it moved goes on, also run dry", "[numbering][historical]") {
  Sandbox box;
  Call dry;
  dry.dry_run = true;
  const auto rows = older({{"number", "INV-2025-0041"}}) + older({{"number", "RE-7"}});
  for (const auto& call : {dry, Call{}})
    CHECK_THAT(box.run("invoices.import", of_older(box, rows), call).sentence,
               Catch::Contains("The next number of 2025 is INV-2025-0042."));
}

TEST_CASE("the copy of an invoice that was issued elsewhere says so, and each goes into a file of its own",
          "[payments][historical][cli]") {
  Sandbox box;
  import_older(box, older({{"number", "RE-2023/17"}}) + older({{"number", "RE-2023_17"}}) + older({{"number", ".x"}}));
  std::filesystem::create_directory(box.path("out"));
  for (const auto* number : {"RE-2023/17", "RE-2023_17", ".x"})
    REQUIRE(box.steward({"invoices", "render", number, "--to", box.path("out")}).exit == 0);
  CHECK(std::filesystem::exists(box.path("out/RE-2023%2F17.pdf")));
  CHECK(std::filesystem::exists(box.path("out/RE-2023_17.pdf")));
  CHECK(std::filesystem::exists(box.path("out/%2Ex.pdf")));
  Command command;
  command.program = "pdftotext";
  command.words = {"-layout", box.path("out/RE-2023_17.pdf"), "-"};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  CHECK_THAT(run_process(command).out, Catch::Contains("issued by another program"));
}

TEST_CASE("CM-8: a number that would end our series is refused", "[numbering][historical]") {
  Sandbox box;
  CHECK(bad_lines(box, older({{"number", "INV-2025-999999999"}})) == "2 number invalid_value");
  CHECK(bad_lines(box, older({{"number", "INV-2025-1000000000"}})) == "2 number invalid_value");
  import_older(box, older({{"number", "INV-2025-99999999"}}) + older({{"number", "RE-2025-1000000000"}}));
}
