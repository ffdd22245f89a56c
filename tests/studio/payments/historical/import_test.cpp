#include "studio/payments/historical/older.h"

#include <fmt/format.h>

using namespace steward;
using namespace steward::test;

namespace {

using Table = std::vector<std::vector<std::string>>;

void set_up(Sandbox& box) {
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2100"}}, {"from", {"2024-01-01"}}});
  for (const auto& [key, value] : {std::pair("business.legal_name", "Atelier"), std::pair("business.address", "Ulm"),
                                   std::pair("business.country", "DE")})
    box.run("settings.set", {{"key", {key}}, {"value", {value}}});
}

std::string export_of(Sandbox& box, const std::string& from, const std::string& to) {
  return box.data("books.export", {{"from", {from}}, {"to", {to}}, {"format", {"csv"}}}).at("text").text();
}

void close(Sandbox& box, const std::string& until) { box.run("books.close", {{"until", {until}}}); }

std::string one(Sandbox& box, const std::string& column) { return box.value("SELECT " + column + " FROM invoices"); }

}  // namespace

TEST_CASE("an older invoice is taken down as it was issued, with its tax, its payment and its parties",
          "[payments][historical]") {
  Sandbox box;
  set_up(box);
  const auto seq = box.audit_seq();
  const auto data = import_older(box, older({{"number", "RE-2025/17"},
                                             {"due_date", "2025-11-20"},
                                             {"client_email", "Ada@Client.example"},
                                             {"client_name", "Ada Byron"},
                                             {"client_address", "London"},
                                             {"client_country", "gb"},
                                             {"amount", "121.00"},
                                             {"tax", "vat21"},
                                             {"tax_amount", "20.99"},
                                             {"description", "A day"},
                                             {"paid_amount", "yes"},
                                             {"paid_date", "2025-11-28"},
                                             {"reference", "SEPA 17"}}));
  CHECK(number(data, "imported") == 1);
  CHECK(number(data, "paid") == 1);
  const auto record = invoice(box, "RE-2025/17");
  CHECK(text(record, "status") == "PAID");
  CHECK(text(record, "issue_date") == "2025-11-03");
  CHECK(text(record, "due_date") == "2025-11-20");
  CHECK(number(record, "amount_cents") == 12100);
  CHECK(number(record, "tax_cents") == 2099);
  CHECK(number(record, "net_cents") == 10001);
  CHECK(text(record, "paid_at") == "2025-11-28T00:00:00.000Z");
  CHECK(text(record.at("lines").items().at(0), "description") == "A day");
  CHECK(text(record.at("payments").items().at(0), "reference") == "SEPA 17");
  CHECK(text(record.at("parties").at("client"), "legal_name") == "Ada Byron");
  CHECK(text(record.at("parties").at("seller"), "legal_name") == "Atelier");
  CHECK(path_of(record) == "ISSUED PAID");
  CHECK_THAT(text(record.at("history").items().at(0), "note"), Catch::StartsWith("Issued elsewhere"));
  CHECK(text(record.at("history").items().at(1), "operation") == "invoices.import");
  CHECK(box.actions(seq) == std::vector<std::string>{"invoices.import"});
  CHECK(box.damage().empty());
  check_books(box);
}

TEST_CASE("the books of its year have an older invoice and its payment, each on its day", "[payments][historical]") {
  Sandbox box;
  set_up(box);
  import_older(box, older({{"number", "RE-9"},
                           {"issue_date", "2024-12-30"},
                           {"amount", "121.00"},
                           {"tax", "VAT21"},
                           {"paid_amount", "21.00"},
                           {"paid_date", "2025-01-07"}}));
  const auto before = export_of(box, "2024-01-01", "2024-12-31"), after = export_of(box, "2025-01-01", "2025-12-31");
  CHECK_THAT(before,
             Catch::Contains("2024-12-30,invoice,") && Catch::Contains("RE-9") && Catch::Contains("-21.00,EUR"));
  CHECK_THAT(before, !Catch::Contains(",payment,"));
  CHECK_THAT(after, Catch::Contains("2025-01-07,payment,") && !Catch::Contains(",invoice,0"));
  CHECK(number(box.list("invoices.aging").items().at(0), "days_over_90_cents") == 10000);
}

TEST_CASE("without --historical an import of invoices says why it is needed", "[payments][historical]") {
  Sandbox box;
  auto raw = of_older(box, older({}));
  raw.erase("historical");
  const auto error = box.refusal("invoices.import", raw);
  CHECK(error.exit_code() == 2);
  CHECK(error.field() == "historical");
  CHECK_THAT(error.hint(), Catch::Contains("issued elsewhere") && Catch::Contains("invoices create"));
  const auto lonely = of_older(box, older({}), {{"skip-invalid", {"true"}}});
  CHECK(box.refusal("invoices.import", lonely).field() == "rejects");
}

TEST_CASE("the same file again changes nothing, whatever became of its invoices since", "[payments][historical]") {
  Sandbox box;
  set_up(box);
  const auto rows =
      older({{"number", "RE-1"}, {"paid_amount", "40.00"}, {"paid_date", "2025-12-01"}, {"tax", "VAT21"}}) +
      older({{"number", "RE-2"}}) + older({{"number", "RE-3"}, {"paid_amount", "yes"}, {"paid_date", "2025-12-01"}});
  import_older(box, rows);
  auto digest = box.table_digest();
  CHECK(number(import_older(box, rows), "unchanged") == 3);
  CHECK(box.table_digest() == digest);
  pay(box, "RE-1", "60.00");
  box.run("invoices.void", {{"invoice", {"RE-2"}}, {"reason", {"Never sent"}}});
  box.run("payments.reverse",
          {{"payment", {box.value("SELECT id FROM payments WHERE amount_cents = 10000")}}, {"reason", {"Bounced"}}});
  box.run("invoices.credit", {{"invoice", {"RE-3"}}, {"amount", {"10.00"}}, {"reason", {"Agreed"}}});
  box.run("settings.set", {{"key", {"invoices.terms_days"}}, {"value", {"7"}}});
  close(box, "2025-12-31");
  digest = box.table_digest();
  CHECK(number(import_older(box, rows), "unchanged") == 3);
  CHECK(box.table_digest() == digest);
  check_books(box);
}

TEST_CASE("a known number whose line says something else is a bad line", "[payments][historical]") {
  Sandbox box;
  set_up(box);
  const std::map<std::string, std::string> line{{"paid_amount", "40.00"}, {"paid_date", "2025-12-01"}};
  import_older(box, older(line));
  const std::pair<const char*, const char*> others[] = {{"amount", "100.01"},
                                                        {"currency", "USD"},
                                                        {"issue_date", "2025-11-04"},
                                                        {"due_date", "2025-12-24"},
                                                        {"client_email", "b@c.example"},
                                                        {"client_name", "Ada"},
                                                        {"tax", "VAT21"},
                                                        {"description", "Other"},
                                                        {"paid_amount", "41.00"},
                                                        {"paid_date", "2025-12-02"},
                                                        {"reference", "R"}};
  for (const auto& [name, value] : others) {
    CAPTURE(name);
    auto other = line;
    other[name] = value;
    CHECK(bad_lines(box, older(other)) == "2 number number_taken");
  }
  CHECK(bad_lines(box, older({{"status", "VOID"}})) == "2 number number_taken");
}

TEST_CASE("a line under a number that is there says what the invoice shows of it instead", "[payments][historical]") {
  Sandbox box;
  import_older(box, older({}));
  const auto said = [&](const std::map<std::string, std::string>& fields) {
    const auto error = box.refusal("invoices.import", of_older(box, older(fields)));
    return error.details().at("lines").items().at(0).at("message").text();
  };
  CHECK(said({{"issue_date", "2025-11-04"}, {"amount", "1.00"}}) ==
        "Line 2, number: RE-1 is there already, dated 2025-11-03.");
  CHECK(said({{"amount", "100.01"}}) == "Line 2, number: RE-1 is there already, over 100.00 EUR.");
  CHECK(said({{"currency", "USD"}}) == "Line 2, number: RE-1 is there already, over 100.00 EUR.");
  CHECK(said({{"client_email", "b@c.example"}}) ==
        fmt::format("Line 2, number: RE-1 is there already, for {}.", kClient));
  CHECK(said({{"description", "Other"}}) ==
        "Line 2, number: RE-1 is there already, and its line said something else of what is not its date, amount or "
        "client.");
}

TEST_CASE("the same content in another spelling is the same line", "[payments][historical]") {
  Sandbox box;
  import_older(
      box, older({{"amount", "100.00 EUR"}, {"currency", ""}, {"paid_amount", "yes"}, {"paid_date", "2025-12-01"}}));
  CHECK(number(import_older(box, older({{"amount", "100"},
                                        {"currency", "eur"},
                                        {"client_email", "ADA@client.example"},
                                        {"paid_amount", "100.00"},
                                        {"paid_date", "2025-12-01"},
                                        {"status", "paid"}})),
               "unchanged") == 1);
}

TEST_CASE("a number that was issued here is never taken down from a file", "[payments][historical]") {
  Sandbox box;
  issued_invoice(box);
  CHECK(bad_lines(box, older({{"number", "INV-2026-0001"}, {"issue_date", "2026-03-02"}})) == "2 number number_taken");
}

TEST_CASE("a void invoice keeps its number, asks for nothing, and leaves nothing in the books of its year",
          "[payments][historical]") {
  Sandbox box;
  import_older(box, older({{"status", "void"}, {"void_reason", "Wrong client"}}));
  const auto record = invoice(box, "RE-1");
  CHECK(text(record, "status") == "VOID");
  CHECK(text(record, "void_reason") == "Wrong client");
  CHECK(number(record, "outstanding_cents") == 0);
  CHECK(path_of(record) == "ISSUED VOID");
  CHECK(box.list("invoices.aging").items().empty());
  const auto books = export_of(box, "2025-11-01", "2025-11-30");
  CHECK_THAT(books, Catch::Contains("2025-11-03,invoice,") && Catch::Contains("2025-11-03,void,"));
  check_books(box);
}

TEST_CASE("an older invoice is due after the terms where its line does not say", "[payments][historical]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"invoices.terms_days"}}, {"value", {"14"}}});
  import_older(box, older({}));
  CHECK(one(box, "due_date") == "2025-11-17");
}

TEST_CASE("a status follows from what was paid, and PAID alone says all of it", "[payments][historical]") {
  Sandbox box;
  import_older(
      box,
      older({{"number", "A"}, {"status", "PAID"}, {"paid_date", "2025-12-01"}}) +
          older({{"number", "B"}, {"status", "partially_paid"}, {"paid_amount", "1.00"}, {"paid_date", "2025-12-01"}}) +
          older({{"number", "C"}, {"status", "issued"}, {"paid_amount", "no"}}));
  CHECK(box.rows("SELECT number, status, paid_cents FROM invoices ORDER BY number") ==
        Table{{"A", "PAID", "10000"}, {"B", "PARTIALLY_PAID", "100"}, {"C", "ISSUED", "0"}});
}

TEST_CASE("a tax is the one that held on the day of the document", "[payments][historical]") {
  Sandbox box;
  set_up(box);
  box.run("taxes.set", {{"code", {"VAT21"}}, {"rate-bp", {"2500"}}, {"from", {"2025-12-01"}}});
  import_older(box, older({{"number", "A"}, {"amount", "121.00"}, {"tax", "VAT21"}, {"tax_amount", "21.02"}}) +
                        older({{"number", "B"}, {"amount", "125.00"}, {"tax", "VAT21"}, {"issue_date", "2025-12-01"}}));
  CHECK(box.rows("SELECT number, tax_cents FROM invoices ORDER BY number") == Table{{"A", "2102"}, {"B", "2500"}});
  CHECK(bad_lines(box, older({{"number", "C"}, {"amount", "121.00"}, {"tax", "VAT21"}, {"tax_amount", "21.03"}}) +
                           older({{"number", "D"}, {"tax", "VAT7"}}) +
                           older({{"number", "E"}, {"tax", "VAT21"}, {"issue_date", "2023-12-31"}}) +
                           older({{"number", "F"}, {"tax_amount", "1.00"}})) ==
        "2 tax_amount invalid_value; 3 tax not_found; 4 tax tax_not_in_force; 5 tax missing_argument");
}

TEST_CASE("yen have no cents and dinars three, in older invoices too", "[payments][historical]") {
  Sandbox box;
  import_older(
      box, older({{"number", "A"}, {"amount", "1200"}, {"currency", "JPY"}}) + older({{"number", "B"},
                                                                                      {"amount", "1.005 KWD"},
                                                                                      {"currency", ""},
                                                                                      {"paid_amount", "0.005"},
                                                                                      {"paid_date", "2025-12-01"}}));
  CHECK(box.rows("SELECT amount_cents, paid_cents FROM invoices ORDER BY number") ==
        Table{{"1200", "0"}, {"1005", "5"}});
  CHECK(bad_lines(box, older({{"number", "C"}, {"amount", "12.5"}, {"currency", "JPY"}})) == "2 amount invalid_money");
}

TEST_CASE("clients of older invoices become contacts, and who is known keeps the name he has",
          "[payments][historical]") {
  Sandbox box;
  box.run("contacts.create", {{"email", {"bea@client.example"}}, {"name", {"Bea Known"}}});
  import_older(box, older({{"number", "A"}, {"client_name", ""}}) +
                        older({{"number", "B"}, {"client_name", "Ada Byron"}}) +
                        older({{"number", "C"}, {"client_email", "bea@client.example"}, {"client_name", "Other"}}) +
                        older({{"number", "D"}, {"client_email", "cy@client.example"}}));
  CHECK(box.rows("SELECT email, full_name, source FROM contacts ORDER BY email") ==
        Table{{"ada@client.example", "Ada Byron", "IMPORT"},
              {"bea@client.example", "Bea Known", "MANUAL"},
              {"cy@client.example", "", "IMPORT"}});
}

TEST_CASE("nothing is taken down in a closed period, neither a document nor its payment", "[payments][historical]") {
  Sandbox box;
  close(box, "2025-11-30");
  CHECK(bad_lines(box, older({{"number", "A"}, {"issue_date", "2025-12-01"}}) +
                           older({{"number", "B"}, {"issue_date", "2025-11-30"}}) +
                           older({{"number", "C"},
                                  {"issue_date", "2025-12-01"},
                                  {"paid_amount", "yes"},
                                  {"paid_date", "2025-11-30"}})) ==
        "3 issue_date books_closed; 4 paid_date books_closed");
  CHECK(number(import_older(box, older({{"number", "A"}, {"issue_date", "2025-12-01"}})), "imported") == 1);
}

TEST_CASE("nothing of an older invoice lies ahead, and it is due after its day", "[payments][historical]") {
  Sandbox box;  // 2026-03-02
  CHECK(bad_lines(box, older({{"number", "A"}, {"issue_date", "2026-03-03"}}) +
                           older({{"number", "B"}, {"paid_amount", "yes"}, {"paid_date", "2026-03-03"}}) +
                           older({{"number", "C"}, {"due_date", "2025-11-02"}})) ==
        "2 issue_date in_the_future; 3 paid_date in_the_future; 4 due_date due_before_issue");
}

TEST_CASE("hostile lines of older invoices are each named, and keep the file out", "[payments][historical]") {
  Sandbox box;
  const std::string huge(400, '9');
  CHECK(bad_lines(box, older({{"amount", "90071992547409.92"}}) + older({{"amount", huge}}) +
                           older({{"amount", "-1.00"}}) + older({{"amount", "0.00"}}) + older({{"amount", "NaN"}}) +
                           older({{"issue_date", "2025-02-30"}}) + older({{"issue_date", "0001-01-01"}}) +
                           older({{"currency", ""}}) + older({{"currency", "XXX"}}) + older({{"amount", "1.00 USD"}}) +
                           older({{"client_email", "nobody"}}) + older({{"number", std::string(41, 'x')}}) +
                           older({{"number", "a\x1b[2J"}}) + older({{"number", "-rf"}}) +
                           older({{"paid_amount", "100.01"}, {"paid_date", "2025-12-01"}}) +
                           older({{"paid_amount", "-1"}, {"paid_date", "2025-12-01"}}) + older({{"status", "DRAFT"}}) +
                           older({{"void_reason", "why"}}) + older({{"number", ""}})) ==
        "2 amount amount_too_large; 3 amount amount_too_large; 4 amount invalid_money; 5 amount invalid_money; "
        "6 amount invalid_money; 7 issue_date invalid_date; 8 issue_date out_of_range; 9 currency missing_argument; "
        "10 currency invalid_currency; 11 currency conflicting_arguments; 12 client_email invalid_email; "
        "13 number text_too_long; 14 number invalid_text; 15 number invalid_value; 16 paid_amount overpayment; "
        "17 paid_amount invalid_money; 18 status conflicting_arguments; 19 void_reason conflicting_arguments; "
        "20 number missing_argument");
}

TEST_CASE("bad lines of older invoices go into the rejects, and the good ones stay", "[payments][historical]") {
  Sandbox box;
  const auto rows = older({{"number", "A"}}) + older({{"number", "B"}, {"amount", "much"}}) +
                    older({{"number", "A"}, {"amount", "7.00"}}) + older({{"number", "A"}});
  CHECK(bad_lines(box, rows) == "3 amount invalid_money; 4 number number_taken");
  const auto data = import_older(box, rows, {{"skip-invalid", {"true"}}, {"rejects", {box.path("bad.csv")}}});
  CHECK(number(data, "imported") == 1);
  CHECK(number(data, "unchanged") == 1);
  CHECK(number(data, "rejected") == 2);
  CHECK_THAT(box.read("bad.csv"), Catch::Contains("much") && Catch::Contains("stands in line 2"));
  CHECK(one(box, "number") == "A");
}

TEST_CASE("a dry run of older invoices says line by line what they come to, and changes nothing",
          "[payments][historical]") {
  Sandbox box;
  const auto digest = box.table_digest();
  const auto data = import_older(box, older({{"number", "RE-7"}, {"paid_amount", "1.00"}, {"paid_date", "2025-12-01"}}),
                                 {}, {.dry_run = true});
  CHECK(text(data.at("lines").items().at(0), "what") == "RE-7 of 2025-11-03 over 100.00 EUR, PARTIALLY_PAID");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("older invoices in a spreadsheet's own spelling and as JSON lines are read alike", "[payments][historical]") {
  Sandbox box;
  const auto csv = box.write(
      "alt.csv", "Nr;Datum;Mail;Brutto;Bezahlt;am\nRE 1;03.11.2025;a@client.example;1.234,50;1.000,00;4.11.2025\n");
  CHECK(number(box.data("invoices.import", {{"historical", {"true"}},
                                            {"file", {csv}},
                                            {"map",
                                             {"Nr=number", "Datum=issue_date", "Mail=client_email", "Brutto=amount",
                                              "Bezahlt=paid_amount", "am=paid_date"}},
                                            {"date-format", {"DD.MM.YYYY"}},
                                            {"decimal", {","}},
                                            {"currency", {"EUR"}}}),
               "imported") == 1);
  const auto json = box.write(
      "alt.jsonl",
      R"({"number":"RE 2","issue_date":"2025-11-03","client_email":"a@client.example","amount":1234.50,"currency":"EUR","paid_amount":1000,"paid_date":"2025-11-04"})"
      "\n");
  CHECK(number(box.data("invoices.import", {{"historical", {"true"}}, {"file", {json}}}), "imported") == 1);
  CHECK(box.rows("SELECT amount_cents, paid_cents, currency FROM invoices") ==
        Table{{"123450", "100000", "EUR"}, {"123450", "100000", "EUR"}});
}

TEST_CASE("an agent's import of older invoices waits for a person, and invoices:write is not enough",
          "[payments][historical]") {
  Sandbox box;
  const auto raw = of_older(box, older({}));
  CHECK(box.error_code("invoices.import", raw, {.token = box.token({"invoices:import"})}) == "approval_required");
  CHECK(box.error_code("invoices.import", raw, {.token = box.token({"invoices:write", "payments:write"})}) ==
        "forbidden");
  CHECK(box.error_code("invoices.import", raw, {.yes = false}) == "confirmation_needed");
  CHECK(box.value("SELECT count(*) FROM invoices") == "0");
}

TEST_CASE("an agent's import that a person approves is the agent's, and its numbers leave no gap",
          "[payments][historical]") {
  Sandbox box;
  const auto raw = of_older(box, older({{"number", "INV-2025-0003"}}) + older({{"number", "INV-2025-0007"}}));
  const auto refused = box.refusal("invoices.import", raw, {.token = box.token({"invoices:import"})});
  const auto approval = refused.details().at("approval_id").text();
  const auto seq = box.audit_seq();
  CHECK(box.value("SELECT count(*) FROM action_proposals WHERE CAST(payload AS text) LIKE '%\"/%invoices.csv\"%'") ==
        "1");  // from any folder
  box.run("approvals.approve", {{"approval", {approval}}});
  CHECK(box.actions(seq) == std::vector<std::string>{"invoices.import", "approvals.approve"});
  CHECK(box.value("SELECT count(*) FROM settings WHERE key = 'numbering.resumed.INV-2025-0007'") == "1");
  CHECK(number(import_older(box, older({{"number", "INV-2025-0003"}})), "unchanged") == 1);
  check_books(box);
}

TEST_CASE("10,000 older invoices come in batch by batch, each with its payment", "[payments][historical]") {
  Sandbox box;
  std::string rows;
  for (int i = 10'000; i > 0; --i)
    rows += older({{"number", fmt::format("INV-2025-{:04}", i)},
                   {"client_email", fmt::format("c{}@client.example", i % 700)},
                   {"paid_amount", i % 2 ? "yes" : ""},
                   {"paid_date", i % 2 ? "2025-12-01" : ""}});
  CHECK(number(import_older(box, rows), "imported") == 10'000);
  CHECK(box.value("SELECT count(*) FROM payments") == "5000");
  CHECK(box.value("SELECT count(*) FROM contacts") == "700");
  CHECK(box.value("SELECT next FROM document_counters") == "10001");
  CHECK(box.value("SELECT count(*) FROM settings WHERE key LIKE 'numbering.%'") == "0");
  CHECK(number(import_older(box, rows), "unchanged") == 10'000);
  check_books(box);
}

TEST_CASE("an older invoice of two taxes keeps both, each as it was stated", "[payments][historical]") {
  Sandbox box;
  set_up(box);
  box.run("taxes.set", {{"code", {"VAT7"}}, {"rate-bp", {"700"}}, {"from", {"2024-01-01"}}});
  const auto file = [&](const std::string& more) {
    return box.write("two.jsonl", R"({"number":"RE-1","issue_date":"2025-11-03","client_email":"a@x.example",)"
                                  R"("amount":"228.00","currency":"EUR","tax":"VAT21","tax_amount":"21.00")" +
                                      more + "}\n");
  };
  const auto code = [&](const std::string& more) {
    const auto error = box.refusal("invoices.import", {{"historical", {"true"}}, {"file", {file(more)}}});
    const auto& line = error.details().at("lines").items().front();
    return line.at("field").text() + " " + line.at("code").text();
  };
  CHECK(code(R"(,"tax_2":"VAT7")") == "amount_2 missing_argument");
  CHECK(code(R"(,"amount_2":"107.00")") == "tax_2 missing_argument");
  CHECK(code(R"(,"amount_2":"107.00","tax_2":"vat21")") == "tax_2 missing_argument");
  CHECK(code(R"(,"amount_2":"228.00","tax_2":"VAT7")") == "amount_2 out_of_range");
  CHECK(code(R"(,"amount_2":"107.00","tax_2":"VAT7","tax_amount_2":"8.00")") == "tax_amount_2 invalid_value");
  const auto whole = file(R"(,"amount_2":"107.00","tax_2":"VAT7","tax_amount_2":"7.01")");
  CHECK(box.data("invoices.import", {{"historical", {"true"}}, {"file", {whole}}}).at("imported").integer() == 1);
  CHECK(box.data("invoices.import", {{"historical", {"true"}}, {"file", {whole}}}).at("unchanged").integer() == 1);
  CHECK(box.rows("SELECT net_cents, tax_cents FROM invoice_taxes ORDER BY net_cents") ==
        Table{{"9999", "701"}, {"10000", "2100"}});
  const auto record = invoice(box, "RE-1");
  CHECK(number(record, "amount_cents") == 22'800);
  CHECK(number(record, "tax_cents") == 2'801);
  CHECK(record.at("lines").items().size() == 2);
  check_books(box);
}
