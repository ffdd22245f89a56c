// What a closed period refuses, through the commands of the rooms above.
#include <catch2/catch.hpp>

#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

void close(Sandbox& box, const std::string& until) { box.run("books.close", {{"until", {until}}}); }

Error refused(Sandbox& box, std::string_view path, const ops::RawArgs& raw) {
  const auto before = box.table_digest();
  auto error = box.refusal(path, raw);
  CHECK(error.exit_code() == 5);
  CHECK(box.table_digest() == before);
  return error;
}

}  // namespace

TEST_CASE("no invoice is issued into a closed period; the day after it is open", "[closing][invoices]") {
  Sandbox box;  // 2026-03-02
  const auto draft = draft_invoice(box);
  close(box, "2026-02-28");
  const auto error = refused(box, "invoices.issue", {{"invoice", {draft}}, {"date", {"2026-02-28"}}});
  CHECK(error.code() == "books_closed");
  CHECK(error.field() == "date");
  CHECK(error.details().at("until_date").text() == "2026-02-28");
  CHECK(text(box.data("invoices.issue", {{"invoice", {draft}}, {"date", {"2026-03-01"}}}), "issue_date") ==
        "2026-03-01");
}

TEST_CASE("no payment is recorded into a closed period, by its day in studio.timezone", "[closing][payments]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"Asia/Tokyo"}}});
  const auto number = issued_invoice(box);
  close(box, "2026-02-28");
  const ops::RawArgs late{{"invoice", {number}}, {"amount", {"10.00"}}, {"paid-at", {"2026-02-28T14:59:59Z"}}};
  const auto error = refused(box, "payments.record", late);
  CHECK(error.code() == "books_closed");
  CHECK(error.field() == "paid-at");
  // In Tokyo it is the first of March.
  box.run("payments.record", {{"invoice", {number}}, {"amount", {"10.00"}}, {"paid-at", {"2026-02-28T15:00:00Z"}}});
  box.run("payments.record", {{"invoice", {number}}, {"amount", {"10.00"}}});
  CHECK(number == text(invoice(box, number), "number"));
  CHECK(test::number(invoice(box, number), "paid_cents") == 2000);
}

TEST_CASE("a closing is heeded west of Greenwich too, where the day ends later", "[closing][payments]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"studio.timezone"}}, {"value", {"America/Los_Angeles"}}});
  const auto number = issued_invoice(box);
  close(box, "2026-02-28");
  CHECK(refused(box, "payments.record",
                {{"invoice", {number}}, {"amount", {"10.00"}}, {"paid-at", {"2026-03-01T07:59:59Z"}}})
            .code() == "books_closed");
  box.run("payments.record", {{"invoice", {number}}, {"amount", {"10.00"}}, {"paid-at", {"2026-03-01T08:00:00Z"}}});
}

TEST_CASE("what lies in a closed period is neither voided nor reversed, but credited and refunded by a later day",
          "[closing][invoices][payments]") {
  Sandbox box;
  const auto unpaid = issued_invoice(box), paid = issued_invoice(box);
  const auto payment = pay(box, paid, "100.00");
  box.at("2026-03-03T09:00:00Z");
  close(box, "2026-03-02");
  CHECK(refused(box, "invoices.void", {{"invoice", {unpaid}}, {"reason", {"Wrong"}}}).code() == "books_closed");
  CHECK(refused(box, "payments.reverse", {{"payment", {payment}}, {"reason", {"Wrong"}}}).code() == "books_closed");
  box.run("invoices.credit", {{"invoice", {paid}}, {"reason", {"Not delivered"}}});
  box.run("payments.refund", {{"payment", {payment}}, {"amount", {"100.00"}}, {"reason", {"Not delivered"}}});
}

TEST_CASE("what is dated now is never in a closed period: it is credited, used and refunded",
          "[closing][invoices][payments]") {
  Sandbox box;
  close(box, "2026-03-01");
  const auto first = issued_invoice(box), second = issued_invoice(box);
  const auto payment = text(
      box.data("payments.record", {{"invoice", {first}}, {"amount", {"150.00"}}, {"allow-credit", {"true"}}}), "id");
  CHECK(box.error_code("payments.use-credit", {{"invoice", {second}}, {"credit-of", {first}}, {"amount", {"20.00"}}}) ==
        "");
  CHECK(box.error_code("payments.refund", {{"payment", {payment}}, {"amount", {"1.00"}}, {"reason", {"Wrong"}}}) == "");
  CHECK(box.error_code("invoices.credit", {{"invoice", {second}}, {"reason", {"Wrong"}}}) == "");
}

TEST_CASE("a draft, which is in no books, may be voided whatever is closed", "[closing][invoices]") {
  Sandbox box;
  const auto draft = draft_invoice(box);
  close(box, "2026-03-01");
  box.run("invoices.void", {{"invoice", {draft}}, {"reason", {"Not wanted"}}});
}
