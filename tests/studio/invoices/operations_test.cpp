#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "support/triggers.h"

using namespace steward;
using namespace steward::test;

namespace {

void set(Sandbox& box, std::string_view key, std::string_view value) {
  box.sql(fmt::format("INSERT INTO settings (key, value, updated_at) VALUES ('{}', '{}', '2026-01-01T00:00:00.000Z')",
                      key, value));
}

Json issue(Sandbox& box, const std::string& draft, const ops::RawArgs& more = {}) {
  ops::RawArgs args{{"invoice", {draft}}};
  args.insert(more.begin(), more.end());
  return box.data("invoices.issue", args);
}

}  // namespace

TEST_CASE("an invoice is drafted, issued with number and due date, and shown with its history",
          "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box, "1250.00");
  const auto issued = box.run("invoices.issue", {{"invoice", {draft.substr(28)}}});
  CHECK(issued.sentence == "Issued INV-2026-0001 to ada@client.example for 1250.00 EUR, due 2026-04-01.");
  CHECK(issued.next == "steward payments record --invoice INV-2026-0001 --amount 1250.00");
  const auto shown = invoice(box, "inv-2026-0001");
  CHECK(text(shown, "issue_date") == "2026-03-02");
  CHECK(text(shown, "due_date") == "2026-04-01");
  CHECK(text(shown, "amount") == "1250.00");
  CHECK(number(shown, "outstanding_cents") == 125000);
  CHECK_FALSE(shown.at("overdue").boolean());
  CHECK(path_of(shown) == "DRAFT ISSUED");
  CHECK(shown.at("payments").items().empty());
  CHECK(box.actions() == std::vector<std::string>{"invoices.create", "invoices.issue"});
}

TEST_CASE("issuing asks first, and issuing again changes nothing", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  Call call;
  call.yes = false;
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft}}}, call) == "confirmation_needed");
  CHECK(text(issue(box, draft), "number") == "INV-2026-0001");
  const auto again = box.run("invoices.issue", {{"invoice", {draft}}});
  CHECK(again.warnings.at(0).code == "no_change");
  CHECK(box.value("SELECT next FROM document_counters WHERE series = 'INV'") == "2");
}

TEST_CASE("CM-8: the due date follows invoices.terms_days or --due, never before the date", "[invoices][operations]") {
  Sandbox box;
  set(box, "invoices.terms_days", "14");
  CHECK(text(issue(box, draft_invoice(box)), "due_date") == "2026-03-16");
  CHECK(text(issue(box, draft_invoice(box), {{"due", {"+3d"}}}), "due_date") == "2026-03-05");
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"due", {"2026-03-01"}}}) ==
        "due_before_issue");
}

TEST_CASE("CM-8: an issued invoice is immutable, in the program and in the database", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  CHECK(number(box.data("invoices.update", {{"invoice", {draft}}, {"amount", {"120"}}}), "amount_cents") == 12000);
  const auto number_of = text(issue(box, draft), "number");
  const auto error = box.refusal("invoices.update", {{"invoice", {number_of}}, {"amount", {"1"}}});
  CHECK(error.code() == "immutable");
  CHECK(error.exit_code() == 5);
  for (const char* change : {"amount_cents = 1", "client_email = 'x@y.example'", "currency = 'USD'", "number = 'X'",
                             "issue_date = '2026-01-01'", "due_date = '2027-01-01'"}) {
    CAPTURE(change);
    CHECK_THROWS_AS(box.sql(fmt::format("UPDATE invoices SET {}", change)), Error);
  }
  CHECK_THROWS_AS(box.sql("DELETE FROM invoices"), Error);
}

TEST_CASE("a draft's amount, currency and client change, by version", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  const auto yen = box.data("invoices.update", {{"invoice", {draft}}, {"amount", {"1500"}}, {"currency", {"jpy"}}});
  CHECK(number(yen, "amount_cents") == 1500);
  CHECK(text(yen, "amount") == "1500");
  CHECK(number(yen, "version") == 2);
  CHECK(box.error_code("invoices.update", {{"invoice", {draft}}, {"amount", {"1500.5"}}}) == "invalid_money");
  CHECK(box.error_code("invoices.update", {{"invoice", {draft}}, {"currency", {"EUR"}}}) == "missing_argument");
  CHECK(box.error_code("invoices.update", {{"invoice", {draft}}, {"amount", {"1"}}, {"if-version", {"1"}}}) ==
        "stale_version");
  CHECK(box.run("invoices.update", {{"invoice", {draft}}, {"amount", {"1500"}}}).warnings.at(0).code == "no_change");
  const auto other = box.data("invoices.update", {{"invoice", {draft}}, {"client-email", {"Bob@Client.Example"}}});
  CHECK(text(other, "client_email") == "bob@client.example");
  const auto metadata = box.value("SELECT metadata FROM audit_log ORDER BY seq DESC LIMIT 1");
  CHECK(metadata.find("@") == std::string::npos);
}

TEST_CASE("CM-8: the year of a number turns at the studio's midnight", "[invoices][operations]") {
  Sandbox box;
  set(box, "studio.timezone", "Pacific/Auckland");
  box.at("2026-12-31T10:59:59Z");
  CHECK(text(issue(box, draft_invoice(box)), "number") == "INV-2026-0001");
  box.at("2026-12-31T11:00:00Z");
  const auto first = issue(box, draft_invoice(box));
  CHECK(text(first, "number") == "INV-2027-0001");
  CHECK(text(first, "issue_date") == "2027-01-01");
}

TEST_CASE("CM-8: in UTC the same instants are one year", "[invoices][operations]") {
  Sandbox box;
  box.at("2026-12-31T11:00:00Z");
  CHECK(text(issue(box, draft_invoice(box)), "number") == "INV-2026-0001");
  box.at("2026-12-31T23:59:59.999Z");
  CHECK(text(issue(box, draft_invoice(box)), "number") == "INV-2026-0002");
  box.at("2027-01-01T00:00:00Z");
  CHECK(text(issue(box, draft_invoice(box)), "number") == "INV-2027-0001");
}

TEST_CASE("CM-8: an invoice dated into the old year takes a number of that year", "[invoices][operations]") {
  Sandbox box;
  box.at("2026-12-30T09:00:00Z");
  issued_invoice(box);
  box.at("2027-01-02T09:00:00Z");
  CHECK(issued_invoice(box) == "INV-2027-0001");
  CHECK(text(issue(box, draft_invoice(box), {{"date", {"2026-12-31"}}}), "number") == "INV-2026-0002");
  const auto draft = draft_invoice(box);
  const auto error = box.refusal("invoices.issue", {{"invoice", {draft}}, {"date", {"2026-12-30"}}});
  CHECK(error.code() == "back_dated");
  CHECK(text(error.details(), "last_date") == "2026-12-31");
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft}}, {"date", {"2027-01-04"}}}) == "in_the_future");
  CHECK(text(issue(box, draft, {{"date", {"2026-12-31"}}}), "number") == "INV-2026-0003");
}

TEST_CASE("CM-8: today is the studio's, in studio.timezone, and tomorrow's date holds nobody up",
          "[invoices][operations]") {
  Sandbox box;
  const auto zone = GENERATE(as<std::string>(), "Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago");
  CAPTURE(zone);
  set(box, "studio.timezone", zone);
  box.at("2026-03-02T10:30:00Z");
  const auto draft = draft_invoice(box);
  CHECK(box.error_code("invoices.issue", {{"invoice", {draft}}, {"date", {"+1d"}}}) == "in_the_future");
  const auto today = zone == "Pacific/Kiritimati" ? "2026-03-03" : zone == "UTC" ? "2026-03-02" : "2026-03-01";
  CHECK(text(issue(box, draft, {{"date", {today}}}), "issue_date") == today);
  CHECK(text(issue(box, draft_invoice(box)), "issue_date") == today);
}

TEST_CASE("the first number of a year comes from invoices.next_number", "[invoices][operations]") {
  Sandbox box;
  set(box, "invoices.next_number", "148");
  CHECK(issued_invoice(box) == "INV-2026-0148");
  CHECK(issued_invoice(box) == "INV-2026-0149");
}

TEST_CASE("CM-5: a draft that is voided takes no number, an issued one keeps its own", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  const auto dropped = box.data("invoices.void", {{"invoice", {draft}}, {"reason", {"Not needed"}}});
  CHECK(text(dropped, "status") == "VOID");
  CHECK(dropped.at("number").is_null());
  const auto first = issued_invoice(box);
  const auto voided = box.data("invoices.void", {{"invoice", {first}}, {"reason", {"Wrong client"}}});
  CHECK(text(voided, "number") == "INV-2026-0001");
  CHECK(text(voided, "void_reason") == "Wrong client");
  CHECK(number(voided, "outstanding_cents") == 0);
  CHECK(path_of(invoice(box, first)) == "DRAFT ISSUED VOID");
  CHECK(issued_invoice(box) == "INV-2026-0002");
  CHECK(box.error_code("invoices.issue", {{"invoice", {first}}}) == "invalid_transition");
  CHECK(box.run("invoices.void", {{"invoice", {first}}, {"reason", {"R"}}}).warnings.at(0).code == "no_change");
  CHECK(box.value("SELECT metadata FROM audit_log WHERE action = 'invoices.void' ORDER BY seq DESC LIMIT 1")
            .find("Wrong") == std::string::npos);
}

TEST_CASE("CM-5: an invoice that received money is not voided until the payment is reversed",
          "[invoices][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  const auto payment = pay(box, number_of, "40");
  const auto error = box.refusal("invoices.void", {{"invoice", {number_of}}, {"reason", {"R"}}});
  CHECK(error.code() == "payments_received");
  CHECK(number(error.details(), "paid_cents") == 4000);
  box.run("payments.reverse", {{"payment", {payment}}, {"reason", {"Mistake"}}});
  CHECK(text(box.data("invoices.void", {{"invoice", {number_of}}, {"reason", {"R"}}}), "status") == "VOID");
}

TEST_CASE("CM-2: no operation says that an invoice is paid, and the database refuses who tries",
          "[invoices][operations]") {
  Sandbox box;
  for (const auto* operation : Sandbox::registry().operations_of("invoices"))
    for (const auto& param : operation->params)
      CHECK((operation->form == ops::Operation::Form::list || param.name != "status"));
  issued_invoice(box);
  CHECK_THROWS_AS(box.sql("UPDATE invoices SET status = 'PAID', paid_at = '2026-03-02T09:00:00.000Z'"), Error);
  CHECK_THROWS_AS(box.sql("UPDATE invoices SET status = 'PARTIALLY_PAID'"), Error);
}

TEST_CASE("CM-6: an invoice is raised from an accepted proposal only", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_proposal(box);
  const auto of_draft = box.refusal("invoices.create", {{"proposal", {draft}}});
  CHECK(of_draft.code() == "proposal_not_accepted");
  CHECK_THAT(of_draft.hint(), Catch::StartsWith("steward proposals send "));
  const auto sent = sent_proposal(box);
  CHECK(box.refusal("invoices.create", {{"proposal", {sent}}}).hint() == "steward proposals accept " + sent);
  box.run("proposals.decline", {{"proposal", {sent}}});
  const auto of_declined = box.refusal("invoices.create", {{"proposal", {sent}}});
  CHECK(of_declined.exit_code() == 5);
  CHECK_THAT(of_declined.hint(), Catch::StartsWith("That is final") && !Catch::Contains("accept "));
  const auto made = box.data("invoices.create", {{"proposal", {accepted_proposal(box, "2501.250", "KWD")}}});
  CHECK(number(made, "amount_cents") == 2501250);
  CHECK(text(made, "currency") == "KWD");
  CHECK(text(made, "client_email") == kClient);
  CHECK(text(made, "proposal_number") == "PRO-2026-0002");
}

TEST_CASE("CM-6: the invoices of a proposal that are not void never ask for more than it", "[invoices][operations]") {
  Sandbox box;
  const auto proposal = accepted_proposal(box, "100.00");
  const auto part = text(box.data("invoices.create", {{"proposal", {proposal}}, {"amount", {"60"}}}), "id");
  const auto error = box.refusal("invoices.create", {{"proposal", {proposal}}, {"amount", {"40.01"}}});
  CHECK(error.code() == "overinvoiced");
  CHECK(number(error.details(), "remaining_cents") == 4000);
  const auto rest = box.data("invoices.create", {{"proposal", {proposal}}});
  CHECK(number(rest, "amount_cents") == 4000);
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}}) == "overinvoiced");
  CHECK(box.error_code("invoices.update", {{"invoice", {part}}, {"amount", {"60.01"}}}) == "overinvoiced");
  CHECK(number(box.data("invoices.update", {{"invoice", {part}}, {"amount", {"50"}}}), "amount_cents") == 5000);
  CHECK(number(box.data("invoices.update", {{"invoice", {part}}, {"amount", {"60"}}}), "amount_cents") == 6000);
  CHECK(box.error_code("invoices.duplicate", {{"invoice", {part}}}) == "overinvoiced");
  box.run("invoices.void", {{"invoice", {part}}, {"reason", {"R"}}});
  const auto copy = box.data("invoices.duplicate", {{"invoice", {part}}});
  CHECK(number(copy, "amount_cents") == 6000);
  CHECK(text(copy, "status") == "DRAFT");
  CHECK(text(copy, "proposal_number") == proposal);
}

TEST_CASE("CM-6: client and currency of the proposal must match", "[invoices][operations]") {
  Sandbox box;
  const auto proposal = accepted_proposal(box);
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}, {"client-email", {"eve@other.example"}}}) ==
        "client_mismatch");
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}, {"amount", {"1"}}, {"currency", {"USD"}}}) ==
        "currency_mismatch");
  CHECK(box.error_code("invoices.create", {{"proposal", {proposal}}, {"currency", {"USD"}}}) == "currency_mismatch");
  const auto made =
      text(box.data("invoices.create", {{"proposal", {proposal}}, {"client-email", {"ADA@client.example"}}}), "id");
  CHECK(box.error_code("invoices.update", {{"invoice", {made}}, {"client-email", {"eve@other.example"}}}) ==
        "client_mismatch");
}

TEST_CASE("CM-6: a deal bounds its invoices by the price that was agreed", "[invoices][operations]") {
  Sandbox box;
  const auto deal = raw_deal(box, 300'00);
  const auto part = box.data("invoices.create", {{"deal", {deal}}, {"amount", {"100"}}});
  CHECK(text(part, "client_email") == kClient);
  CHECK(text(part, "deal_id") == deal);
  CHECK_FALSE(part.at("intake_request_id").is_null());
  CHECK(number(box.data("invoices.create", {{"deal", {deal}}}), "amount_cents") == 20000);
  CHECK(box.error_code("invoices.create", {{"deal", {deal}}}) == "overinvoiced");
  CHECK(box.list("invoices.list", {{"deal", {deal}}}).items().size() == 2);
}

TEST_CASE("an invoice of a proposal and a deal stays within both, and both are of one inquiry",
          "[invoices][operations]") {
  Sandbox box;
  const auto deal = raw_deal(box, 80'00);
  const auto proposal = accepted_proposal(box, "100.00");
  CHECK(number(box.data("invoices.create", {{"deal", {deal}}, {"proposal", {proposal}}}), "amount_cents") == 8000);
  const auto stranger = raw_intake(box, "grace@client.example");
  const auto other =
      text(box.data("proposals.create",
                    {{"title", {"T"}}, {"amount", {"9"}}, {"currency", {"EUR"}}, {"intake", {stranger}}}),
           "id");
  box.run("proposals.send", {{"proposal", {other}}});
  box.run("proposals.accept", {{"proposal", {other}}});
  CHECK(box.error_code("invoices.create", {{"deal", {raw_deal(box)}}, {"proposal", {other}}}) == "link_mismatch");
}

TEST_CASE("an invoice of its own names client, amount and currency", "[invoices][operations]") {
  Sandbox box;
  CHECK(box.refusal("invoices.create", {{"amount", {"1"}}, {"currency", {"EUR"}}}).field() == "client-email");
  CHECK(box.refusal("invoices.create", {{"client-email", {kClient}}, {"currency", {"EUR"}}}).field() == "amount");
  CHECK(box.refusal("invoices.create", {{"client-email", {kClient}}, {"amount", {"1"}}}).field() == "currency");
  for (const auto& [amount, currency, cents] :
       {std::tuple{"1500", "JPY", 1500}, {"1250.00", "EUR", 125000}, {"1.234", "KWD", 1234}})
    CHECK(number(invoice(box, draft_invoice(box, amount, currency)), "amount_cents") == cents);
  for (const auto& [amount, currency] :
       {std::pair{"0", "EUR"}, {"-1", "EUR"}, {"1.001", "EUR"}, {"1.5", "JPY"}, {"1.2345", "KWD"}, {"1e3", "EUR"}}) {
    CAPTURE(amount, currency);
    CHECK(box.error_code("invoices.create",
                         {{"client-email", {kClient}}, {"amount", {amount}}, {"currency", {currency}}}) ==
          "invalid_money");
  }
}

TEST_CASE("CM-8: overdue is derived, the day after the due date in studio.timezone", "[invoices][operations]") {
  Sandbox box;
  set(box, "studio.timezone", "Pacific/Auckland");
  const auto number_of = text(issue(box, draft_invoice(box), {{"due", {"2026-03-10"}}}), "number");
  const auto paid = text(issue(box, draft_invoice(box), {{"due", {"2026-03-10"}}}), "number");
  pay(box, paid, "100");
  box.at("2026-03-10T10:59:59Z");
  CHECK_FALSE(invoice(box, number_of).at("overdue").boolean());
  CHECK(box.list("invoices.list", {{"overdue", {"true"}}}).items().empty());
  box.at("2026-03-10T11:00:00Z");
  CHECK(invoice(box, number_of).at("overdue").boolean());
  CHECK_FALSE(invoice(box, paid).at("overdue").boolean());
  const auto overdue = box.list("invoices.list", {{"overdue", {"true"}}});
  REQUIRE(overdue.items().size() == 1);
  CHECK(text(overdue.items().at(0), "number") == number_of);
}

TEST_CASE("invoices are listed by status, client, currency and text", "[invoices][operations]") {
  Sandbox box;
  const auto number_of = issued_invoice(box);
  draft_invoice(box, "5", "JPY");
  CHECK(box.list("invoices.list", {{"status", {"draft"}}}).items().size() == 1);
  CHECK(box.list("invoices.list", {{"currency", {"JPY"}}}).items().size() == 1);
  CHECK(box.list("invoices.list", {{"client", {kClient}}}).items().size() == 2);
  CHECK(box.list("invoices.list", {{"search", {number_of}}}).items().size() == 1);
  CHECK(box.list("invoices.list", {{"until", {"2026-03-02"}}}).items().empty());
}

TEST_CASE("CM-9: aging counts what is owed by days past due, apart for each currency", "[invoices][operations]") {
  Sandbox box;
  box.at("2026-03-02T09:00:00Z");
  const auto due_in = [&](const char* amount, const char* currency, const char* due) {
    return text(issue(box, draft_invoice(box, amount, currency), {{"due", {due}}}), "number");
  };
  const auto half_paid = due_in("10.00", "EUR", "2026-03-02");
  pay(box, half_paid, "4.00");
  due_in("20.00", "EUR", "2026-06-01");
  due_in("1500", "JPY", "2026-04-01");
  pay(box, due_in("7.00", "EUR", "2026-03-02"), "7.00");
  draft_invoice(box, "99.00");
  box.run("invoices.void", {{"invoice", {due_in("50.00", "EUR", "2026-03-02")}}, {"reason", {"R"}}});

  const auto columns = {"current_cents", "days_1_30_cents", "days_31_60_cents", "days_61_90_cents",
                        "days_over_90_cents"};
  const auto eur_at = [&](const char* instant) {
    box.at(instant);
    std::string out;
    const auto rows = box.list("invoices.aging");
    for (const auto& column : columns) out += std::to_string(number(rows.items().at(0), column)) + " ";
    CHECK(number(rows.items().at(0), "outstanding_cents") == 2600);
    return out;
  };
  CHECK(eur_at("2026-03-02T23:59:59Z") == "2600 0 0 0 0 ");
  CHECK(eur_at("2026-03-03T00:00:00Z") == "2000 600 0 0 0 ");
  CHECK(eur_at("2026-04-01T12:00:00Z") == "2000 600 0 0 0 ");  // 30 days
  CHECK(eur_at("2026-04-02T12:00:00Z") == "2000 0 600 0 0 ");  // 31
  CHECK(eur_at("2026-05-01T12:00:00Z") == "2000 0 600 0 0 ");  // 60
  CHECK(eur_at("2026-05-02T12:00:00Z") == "2000 0 0 600 0 ");  // 61
  CHECK(eur_at("2026-05-31T12:00:00Z") == "2000 0 0 600 0 ");  // 90
  CHECK(eur_at("2026-06-01T12:00:00Z") == "2000 0 0 0 600 ");  // 91
  const auto rows = box.list("invoices.aging");
  REQUIRE(rows.items().size() == 2);
  CHECK(text(rows.items().at(1), "currency") == "JPY");
  CHECK(text(rows.items().at(1), "days_61_90") == "1500");
}

TEST_CASE("CM-9: totals leave out drafts and void invoices, and add no two currencies", "[invoices][operations]") {
  Sandbox box;
  pay(box, issued_invoice(box, "10.00"), "4.00");
  pay(box, issued_invoice(box, "5.00"), "5.00");
  issued_invoice(box, "1.234", "KWD");
  draft_invoice(box, "99.00");
  box.run("invoices.void", {{"invoice", {issued_invoice(box, "50.00")}}, {"reason", {"R"}}});
  const auto rows = box.list("invoices.totals");
  REQUIRE(rows.items().size() == 2);
  CHECK(text(rows.items().at(0), "invoiced") == "15.00");
  CHECK(text(rows.items().at(0), "paid") == "9.00");
  CHECK(text(rows.items().at(0), "outstanding") == "6.00");
  CHECK(text(rows.items().at(1), "outstanding") == "1.234");
}

TEST_CASE("CM-1: an issue that fails at its last step leaves nothing", "[invoices][operations]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  box.sql(trigger_that_refuses("no_audit", "BEFORE INSERT ON audit_log", "append_only: audit_log"));
  const auto before = box.snapshot();
  CHECK_FALSE(box.error_code("invoices.issue", {{"invoice", {draft}}}).empty());
  CHECK(differences(before, box.snapshot()).empty());
}

TEST_CASE("contract 2: a sum beyond 2^53-1 minor units is refused, and never printed", "[invoices][operations]") {
  Sandbox box;
  const std::string most = "90071992547409.91";
  issued_invoice(box, most);
  CHECK(box.list("invoices.totals").items().front().at("invoiced_cents").integer() == kMaxMinor);
  issued_invoice(box, "0.01");
  for (const char* report : {"invoices.totals", "invoices.aging"}) {
    const auto error = box.refusal(report);
    CHECK(error.code() == "amount_too_large");
    CHECK(error.exit_code() == 2);
  }
  CHECK(box.list("invoices.list").items().size() == 2);
}

TEST_CASE("contract 2: a sum that leaves 64 bits is refused too", "[invoices][operations][sqlite]") {
  Sandbox box;
  const auto id = draft_invoice(box, "90071992547409.91");
  box.run("invoices.issue", {{"invoice", {id}}});
  // A thousand and twenty-five of these are more than 2^63.
  box.sql(
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1025)"
      " INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, issue_date, due_date,"
      "   issued_at, created_at, updated_at)"
      " SELECT substr(v.id, 1, 28) || printf('%08x', n.i), printf('INV-2026-%04d', n.i), client_email,"
      "   amount_cents, currency, status, issue_date, due_date, issued_at, created_at, updated_at"
      "   FROM invoices v, n");
  CHECK(box.error_code("invoices.totals") == "amount_too_large");
}

TEST_CASE("CM-8: aging moves on at the studio's midnight, by whole days", "[invoices][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"America/New_York"}}});
  box.run("invoices.issue", {{"invoice", {draft_invoice(box)}}, {"due", {"2026-03-07"}}});
  const auto bucket_at = [&](const char* instant) {
    box.at(instant);
    const auto row = box.list("invoices.aging").items().front();
    for (const char* name : {"current", "days_1_30", "days_31_60", "days_61_90", "days_over_90"})
      if (row.at(name + std::string("_cents")).integer() > 0) return std::string(name);
    return std::string();
  };
  CHECK(bucket_at("2026-03-08T04:59:59Z") == "current");    // 23:59:59 of the 7th
  CHECK(bucket_at("2026-03-08T05:00:00Z") == "days_1_30");  // the 8th begins
  CHECK(bucket_at("2026-04-07T03:59:59Z") == "days_1_30");  // the 30th day ends, in summer time
  CHECK(bucket_at("2026-04-07T04:00:00Z") == "days_31_60");
  CHECK(bucket_at("2026-06-06T03:59:59Z") == "days_61_90");
  CHECK(bucket_at("2026-06-06T04:00:00Z") == "days_over_90");
}

TEST_CASE("CM-2: an invoice that received money is not issued again, and says what it is", "[invoices][operations]") {
  Sandbox box;
  const auto number = issued_invoice(box);
  for (const char* status : {"PARTIALLY_PAID", "PAID"}) {
    pay(box, number, "50.00");
    const auto error = box.refusal("invoices.issue", {{"invoice", {number}}});
    CHECK(error.code() == "invalid_transition");
    CHECK(error.details().at("from").text() == status);
    CHECK(std::string(error.what()).find(status) != std::string::npos);
  }
  CHECK(text(invoice(box, number), "status") == "PAID");
}
