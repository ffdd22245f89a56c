#include <catch2/catch.hpp>

#include "core/error.h"
#include "studio/commerce.h"

using namespace steward;
using namespace steward::test;

namespace {

Json closed(Sandbox& box, const std::string& until) { return box.data("books.close", {{"until", {until}}}); }

}  // namespace

TEST_CASE("closing the books says who closed them and until when", "[closing][operations]") {
  Sandbox box;
  const auto made = closed(box, "2026-01-31");
  CHECK(text(made, "until_date") == "2026-01-31");
  CHECK(text(made, "actor").starts_with("operator:"));
  CHECK(box.actions().back() == "books.close");
}

TEST_CASE("a closing is shown by its last day, its id or the tail of that, and listed newest first",
          "[closing][operations]") {
  Sandbox box;
  const auto first = closed(box, "2026-01-31");
  closed(box, "2026-02-28");
  const auto id = text(first, "id");
  for (const auto& handle : {std::string("2026-01-31"), id, id.substr(id.size() - 8)})
    CHECK(text(box.data("books.show", {{"closing", {handle}}}), "id") == id);
  CHECK(box.error_code("books.show", {{"closing", {"2026-01-30"}}}) == "not_found");
  CHECK(box.error_code("books.show", {{"closing", {"2026-02-30"}}}) == "invalid_date");
  const auto all = box.list("books.list");
  REQUIRE(all.items().size() == 2);
  CHECK(text(all.items()[0], "until_date") == "2026-02-28");
  CHECK(box.list("books.list", {{"search", {"2026-01"}}}).items().size() == 1);
}

TEST_CASE("a closing ahead of today, or not later than the last, is refused; the same one again changes nothing",
          "[closing][operations]") {
  Sandbox box;  // 2026-03-02
  CHECK(box.error_code("books.close", {{"until", {"2026-03-03"}}}) == "in_the_future");
  closed(box, "2026-02-28");
  const auto seq = box.audit_seq();
  CHECK(box.run("books.close", {{"until", {"2026-02-28"}}}).warnings.at(0).code == "no_change");
  CHECK(box.audit_seq() == seq);
  CHECK(box.error_code("books.close", {{"until", {"2026-01-31"}}}) == "books_closed");
  CHECK(box.error_code("books.close", {{"until", {"2026-03-02"}}}) == "in_the_future");
  closed(box, "2026-03-01");
}

TEST_CASE("closing the books takes two people where two are asked for", "[closing][operations]") {
  Sandbox box;
  box.run("settings.set", {{"key", {"controls.two_person"}}, {"value", {"on"}}});
  CHECK(box.error_code("books.close", {{"until", {"2026-01-31"}}}) == "approval_required");
  CHECK(box.list("books.list").items().empty());
}

TEST_CASE("the database itself takes no earlier closing, and none back", "[closing][operations]") {
  Sandbox box;
  const auto id = text(closed(box, "2026-02-28"), "id");
  const auto refused = [&](const std::string& sql) {
    try {
      box.sql(sql);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  CHECK(refused("INSERT INTO book_closings (id, until_date, actor, created_at) VALUES ('" + new_uuid(box.now().ms) +
                "', '2026-01-31', 'x', '2026-03-02T09:00:00.000Z')") == "books_closed");
  CHECK(refused("UPDATE book_closings SET until_date = '2026-01-01' WHERE id = '" + id + "'") == "append_only");
  CHECK(refused("DELETE FROM book_closings WHERE id = '" + id + "'") == "append_only");
}

TEST_CASE("closing says how many bank lines of the period wait, and what is left to do with them is hinted",
          "[closing][operations]") {
  Sandbox box;
  issued_invoice(box);
  const auto file = box.write("bank.csv",
                              "date,amount,currency,text\n2026-02-27,7.00,EUR,a\n2026-02-28,8.00,EUR,b\n"
                              "2026-03-01,9.00,EUR,c\n");
  box.run("payments.import", {{"file", {file}}});
  box.run("payments.lines.ignore",
          {{"line", {box.value("SELECT id FROM bank_lines WHERE amount_cents = 700")}}, {"reason", {"x"}}});
  const auto answer = box.run("books.close", {{"until", {"2026-02-28"}}});
  REQUIRE(answer.warnings.size() == 1);
  CHECK(answer.warnings[0].code == "bank_lines_waiting");
  CHECK(answer.warnings[0].message.starts_with("1 bank line of the period stands for no invoice"));
  const auto line = box.value("SELECT id FROM bank_lines WHERE amount_cents = 800");
  const auto error = box.refusal("payments.match", {{"line", {line}}, {"invoice", {"INV-2026-0001"}}});
  CHECK(error.code() == "books_closed");
  CHECK_THAT(error.hint(), Catch::Contains("payments record"));
}
