#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "studio/payments/historical/older.h"

using namespace steward;
using namespace steward::test;

namespace {

using Table = std::vector<std::vector<std::string>>;

constexpr auto kHeader = "date,amount,currency,reference,text\n";

Json import(Sandbox& box, const std::string& rows, const ops::RawArgs& more = {}, const Call& call = {}) {
  ops::RawArgs raw{{"file", {box.write("bank.csv", kHeader + rows)}}};
  raw.insert(more.begin(), more.end());
  return box.data("payments.import", raw, call);
}

std::string line_id(Sandbox& box, const std::string& where = "status = 'UNMATCHED'") {
  return box.value("SELECT id FROM bank_lines WHERE " + where);
}

Table lines(Sandbox& box) {
  return box.rows("SELECT amount_cents, reference, status, occurrence FROM bank_lines ORDER BY id");
}

Json match(Sandbox& box, const std::string& line, const std::string& invoice) {
  return box.data("payments.match", {{"line", {line}}, {"invoice", {invoice}}});
}

}  // namespace

TEST_CASE("a bank's line that names an open invoice is recorded as its payment at once", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  const auto seq = box.audit_seq();
  const auto data = import(box, "2026-03-01,40.00,EUR,TX-1,Rechnung inv 2026 0001\n");
  CHECK(data.at("imported").integer() == 1);
  CHECK(data.at("matched").integer() == 1);
  const auto paid = invoice(box, number);
  CHECK(text(paid, "status") == "PARTIALLY_PAID");
  CHECK(path_of(paid) == "DRAFT ISSUED PARTIALLY_PAID");
  CHECK(box.rows("SELECT y.amount_cents, y.reference, y.paid_at, b.status FROM payments y JOIN bank_lines b ON"
                 " b.payment_id = y.id") ==
        Table{{"4000", "TX-1", box.value("SELECT paid_at FROM payments"), "MATCHED"}});
  CHECK(text(box.list("payments.list").items().at(0), "paid_at") == "2026-03-01T00:00:00.000Z");
  CHECK(box.actions(seq) == std::vector<std::string>{"payments.import"});
  CHECK(box.damage().empty());
}

TEST_CASE("a bank's day begins at midnight in studio.timezone", "[payments][import]") {
  Sandbox box;
  issued_invoice(box);
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Europe/Paris"}}});
  import(box, "2026-03-01,100.00,EUR,INV-2026-0001,\n");
  CHECK(text(box.list("payments.list").items().at(0), "paid_at") == "2026-02-28T23:00:00.000Z");
}

TEST_CASE("two equal lines of a file are two payments, and the same file again adds nothing", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  const std::string twice = "2026-03-01,50.00,EUR,INV-2026-0001,\n2026-03-01,50.00,EUR,INV-2026-0001,\n";
  CHECK(import(box, twice).at("matched").integer() == 2);
  CHECK(text(invoice(box, number), "status") == "PAID");
  CHECK(box.value("SELECT count(*) FROM payments") == "2");
  const auto digest = box.table_digest();
  const auto again = import(box, twice);
  CHECK(again.at("unchanged").integer() == 2);
  CHECK(again.at("matched").integer() == 0);
  CHECK(box.table_digest() == digest);
  CHECK(import(box, twice + "2026-03-01,50.00,EUR,INV-2026-0001,\n").at("imported").integer() == 1);
  CHECK(lines(box) == Table{{"5000", "INV-2026-0001", "MATCHED", "1"},
                            {"5000", "INV-2026-0001", "MATCHED", "2"},
                            {"5000", "INV-2026-0001", "UNMATCHED", "3"}});
}

TEST_CASE("equal lines are told apart over the whole file, however far from each other", "[payments][import]") {
  Sandbox box;
  std::string rows = "2026-03-01,7.00,EUR,same,\n";
  for (int i = 0; i < 6'000; ++i) rows += fmt::format("2026-03-01,8.00,EUR,other {},\n", i);
  rows += "2026-03-01,7.00,EUR,same,\n";
  CHECK(import(box, rows).at("imported").integer() == 6'002);
  CHECK(import(box, rows).at("unchanged").integer() == 6'002);
  CHECK(box.value("SELECT count(*) FROM bank_lines WHERE reference = 'same'") == "2");
}

TEST_CASE("a statement that begins where others ended adds only what is new, whatever became of the lines known",
          "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  import(box, "2026-02-02,100.00,EUR,INV-2026-0001,\n2026-02-03,5.00,EUR,fee,\n2026-02-04,6.00,EUR,fee,\n");
  box.run("payments.lines.ignore", {{"line", {line_id(box, "amount_cents = 600")}}, {"reason", {"Not ours"}}});
  const auto data = import(box,
                           "2026-02-01,100.00,EUR,INV-2026-0001,\n2026-02-02,100.00,EUR,INV-2026-0001,\n"
                           "2026-02-03,5.00,EUR,fee,\n2026-02-04,6.00,EUR,fee,\n2026-02-05,6.00,EUR,fee,\n");
  CHECK(data.at("unchanged").integer() == 3);
  CHECK(data.at("imported").integer() == 2);
  CHECK(box.value("SELECT count(*) FROM bank_lines") == "5");
}

TEST_CASE("a line waits when it does not name exactly one invoice that owes as much", "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  issued_invoice(box, "100.00");
  const auto draft = draft_invoice(box);
  const auto data = import(box,
                           "2026-03-01,100.00,EUR,Thanks,\n"
                           "2026-03-01,100.01,EUR,INV-2026-0001,\n"
                           "2026-03-01,100.00,USD,INV-2026-0001,\n"
                           "2026-03-01,200.00,EUR,INV-2026-0001,and INV-2026-0002\n"
                           "2026-03-01,100.00,EUR,INV-2026-0003,\n"
                           "2026-03-01,-100.00,EUR,INV-2026-0001,Money back\n");
  CHECK(data.at("imported").integer() == 6);
  CHECK(data.at("matched").integer() == 0);
  CHECK(box.value("SELECT count(*) FROM payments") == "0");
  CHECK(box.value("SELECT count(*) FROM bank_lines WHERE status = 'UNMATCHED'") == "6");
}

TEST_CASE("a line whose reference is the number of an invoice that was issued elsewhere pays it",
          "[payments][import]") {
  Sandbox box;
  import_older(box, older({{"number", "RE-2023/17"}}) + older({{"number", "RE-18"}}));
  const auto data = import(box,
                           "2026-03-01,100.00,EUR,RE-2023/17,\n"
                           "2026-03-01,100.00,EUR,re-18,\n"
                           "2026-03-01,100.00,EUR,For RE-18,\n");
  CHECK(data.at("matched").integer() == 1);
  CHECK(text(invoice(box, "RE-2023/17"), "status") == "PAID");
  CHECK(text(invoice(box, "RE-18"), "status") == "ISSUED");
}

TEST_CASE("a line of a reference that was recorded by hand is left to a person", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  box.run("payments.record", {{"invoice", {number}}, {"amount", {"10.00"}}, {"reference", {"INV-2026-0001"}}});
  CHECK(import(box, "2026-03-01,10.00,EUR,INV-2026-0001,\n").at("matched").integer() == 0);
  CHECK(box.error_code("payments.match", {{"line", {line_id(box)}}, {"invoice", {number}}}) == "duplicate");
}

TEST_CASE("lines of a file pay no more than their invoice owes, in the order of the file", "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  const auto data = import(box,
                           "2026-03-01,60.00,EUR,A INV-2026-0001,\n"
                           "2026-03-01,60.00,EUR,B INV-2026-0001,\n"
                           "2026-03-01,40.00,EUR,C INV-2026-0001,\n");
  CHECK(data.at("matched").integer() == 2);
  CHECK(box.value("SELECT reference FROM bank_lines WHERE status = 'UNMATCHED'") == "B INV-2026-0001");
}

TEST_CASE("DL-4: a bank's line that pays a deal's invoice in full pays the deal", "[payments][import]") {
  Sandbox box;
  const auto deal = raw_deal(box);
  const auto draft = text(box.data("invoices.create", {{"deal", {deal}}}), "id");
  box.run("invoices.issue", {{"invoice", {draft}}});
  import(box, "2026-03-01,100.00,EUR,INV-2026-0001,\n");
  CHECK(box.value("SELECT status FROM deals") == "PAID");
}

TEST_CASE("a line that waits is matched by hand, and beyond what is owed only as credit", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  import(box, "2026-03-01,120.00,EUR,,Thank you\n");
  const ops::RawArgs raw{{"line", {line_id(box)}}, {"invoice", {number}}};
  CHECK(box.error_code("payments.match", raw) == "overpayment");
  auto credited = raw;
  credited["allow-credit"] = {"true"};
  const auto line = box.data("payments.match", credited);
  CHECK(text(line, "status") == "MATCHED");
  CHECK(text(line, "invoice_number") == number);
  CHECK(text(invoice(box, number), "status") == "PAID");
  CHECK(box.run("payments.match", raw).warnings.at(0).code == "no_change");
}

TEST_CASE("CM-4: the line of a payment that is reversed waits again, and can be matched again", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  import(box, "2026-03-01,50.00,EUR,INV-2026-0001,\n2026-03-01,50.00,EUR,INV-2026-0001,\n");
  const auto first = box.value("SELECT payment_id FROM bank_lines WHERE occurrence = 1");
  box.run("payments.reverse", {{"payment", {first}}, {"reason", {"Wrong invoice"}}});
  CHECK(lines(box) == Table{{"5000", "INV-2026-0001", "UNMATCHED", "1"}, {"5000", "INV-2026-0001", "MATCHED", "2"}});
  CHECK(text(match(box, line_id(box), number), "status") == "MATCHED");
  CHECK(text(invoice(box, number), "status") == "PAID");
}

TEST_CASE("a line that pays no invoice is set aside, and can still be matched", "[payments][import]") {
  Sandbox box;
  const auto number = issued_invoice(box, "100.00");
  import(box, "2026-03-01,50.00,EUR,,Who knows\n2026-03-01,-700.00,EUR,,Rent\n");
  const auto rent = line_id(box, "amount_cents < 0"), other = line_id(box, "amount_cents > 0");
  CHECK(box.error_code("payments.match", {{"line", {rent}}, {"invoice", {number}}}) == "not_payable");
  const auto agenda = [&] {
    std::int64_t count = 0;
    const auto status = box.data("status");
    for (const auto& item : status.at("waiting").items())
      if (item.at("what").text().starts_with("bank line")) count = item.at("count").integer();
    return count;
  };
  CHECK(agenda() == 1);
  const auto aside = box.data("payments.lines.ignore", {{"line", {other}}, {"reason", {"A gift"}}});
  CHECK(text(aside, "status") == "IGNORED");
  CHECK(text(aside, "ignored_reason") == "A gift");
  CHECK(agenda() == 0);
  CHECK(text(match(box, other, number), "status") == "MATCHED");
  CHECK(box.error_code("payments.lines.ignore", {{"line", {other}}, {"reason", {"R"}}}) == "invalid_transition");
}

TEST_CASE("a bank's own spelling is read, and the currency that it leaves out is said", "[payments][import]") {
  Sandbox box;
  const auto file =
      box.write("umsaetze.csv", "Buchungstag;Betrag;Verwendungszweck;Saldo\n27.02.2026;-1.234,50;B\xFCromiete;7,00\n");
  ops::RawArgs raw{{"file", {file}},
                   {"map", {"Buchungstag=date", "Betrag=amount", "Verwendungszweck=text", "*="}},
                   {"encoding", {"ISO-8859-1"}},
                   {"date-format", {"DD.MM.YYYY"}},
                   {"decimal", {","}}};
  CHECK(box.refusal("payments.import", raw).details().at("lines").items().at(0).at("field").text() == "currency");
  raw["currency"] = {"EUR"};
  CHECK(box.data("payments.import", raw).at("imported").integer() == 1);
  CHECK(box.rows("SELECT amount_cents, text FROM bank_lines") == Table{{"-123450", "Büromiete"}});
}

TEST_CASE("bad lines of a statement are named and keep it out, or go into the rejects", "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  const std::string rows =
      "2026-03-01,50.00,EUR,INV-2026-0001,\n2026-03-03,1.00,EUR,ahead,\n2026-03-01,0.00,EUR,zero,\n"
      "2026-03-01,1.001,EUR,more digits,\n2026-13-01,1.00,EUR,no day,\n";
  const auto error = box.refusal("payments.import", {{"file", {box.write("b.csv", kHeader + rows)}}});
  CHECK(error.code() == "invalid_lines");
  CHECK(error.details().at("count").integer() == 4);
  CHECK(box.value("SELECT count(*) FROM payments") + box.value("SELECT count(*) FROM bank_lines") == "00");
  const auto data = import(box, rows, {{"skip-invalid", {"true"}}, {"rejects", {box.path("bad.csv")}}});
  CHECK(data.at("imported").integer() == 1);
  CHECK(data.at("rejected").integer() == 4);
  CHECK_THAT(box.read("bad.csv"), Catch::Contains("ahead") && Catch::Contains("no day"));
}

TEST_CASE("a dry run of a statement says line by line what would pay what, and changes nothing", "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  const auto digest = box.table_digest();
  Call call;
  call.dry_run = true;
  const auto data = import(box, "2026-03-01,50.00,EUR,INV-2026-0001,\n2026-03-01,5.00,EUR,,\n", {}, call);
  CHECK(data.at("lines").items().at(0).at("what").text() == "2026-03-01 50.00 EUR for INV-2026-0001");
  CHECK(data.at("lines").items().at(1).at("what").text() == "2026-03-01 5.00 EUR");
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a statement at the shell: imported, listed, matched", "[payments][import][cli]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  box.write("bank.csv", std::string(kHeader) + "2026-03-01,100.00,EUR,,Danke\n");
  const auto ran = box.steward({"payments", "import", "--file", box.path("bank.csv")});
  CHECK(ran.exit == 0);
  CHECK_THAT(ran.out, Catch::Contains("Took in 1 line"));
  const auto listed = box.steward({"payments", "lines", "list", "--status", "unmatched", "--json"});
  const auto id = text(listed.json().at("data").items().at(0), "id");
  CHECK(box.steward({"payments", "match", id.substr(28), "--invoice", "INV-2026-0001"}).exit == 0);
  CHECK(box.value("SELECT status FROM invoices") == "PAID");
  CHECK(box.steward({"payments", "import", "--file", box.path("bank.csv")}).exit == 0);
  CHECK(box.value("SELECT count(*) FROM bank_lines") == "1");
}

TEST_CASE("a line that names a second invoice waits, also where another program numbered that", "[payments][import]") {
  Sandbox box;
  issued_invoice(box, "100.00");
  import_older(box, older({{"number", "RE-90/2025"}}) + older({{"number", "RE-91/2025"}}));
  const auto data = import(box,
                           "2026-03-01,1.00,EUR,RE-90/2025,INV-2026-0001\n"
                           "2026-03-01,2.00,EUR,RE-90/2025,\"Rechnung (RE-91/2025),\"\n"
                           "2026-03-01,3.00,EUR,HAND-3,Rechnungen RE-90/2025 und INV-2026-0001\n"
                           "2026-03-01,4.00,EUR,HAND-3,INV-2026-0001 inv-2026-0001 vom 3. März: danke\n"
                           "2026-03-01,5.00,EUR,RE-90/2025,RE-90/2025 and RE-77/2025\n");
  CHECK(data.at("matched").integer() == 2);
  CHECK(box.rows("SELECT b.amount_cents, i.number FROM bank_lines b JOIN payments y ON y.id = b.payment_id"
                 " JOIN invoices i ON i.id = y.invoice_id ORDER BY 1") ==
        Table{{"400", "INV-2026-0001"}, {"500", "RE-90/2025"}});
}

TEST_CASE("what is said of a bank line ends with a line feed, whatever its text is", "[payments][binary]") {
  Sandbox box;
  import(box, "2026-03-01,7.00,EUR,,twin\n");
  const auto done = box.steward({"payments", "lines", "ignore", line_id(box), "--reason", "aside"});
  CHECK(done.out == "Set 7.00 EUR aside.\n");
}
