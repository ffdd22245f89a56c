// Contract 3, of every list there is: order, pages, columns, counts.

#include "ops/listing.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "core/text.h"
#include "support/example.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<const ops::Operation*> lists() {
  std::vector<const ops::Operation*> out;
  for (const auto* operation : Sandbox::registry().all())
    if (operation->form == ops::Operation::Form::list) out.push_back(operation);
  return out;
}

std::vector<std::string> texts(const Json& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows.items()) out.push_back(to_canonical(row));
  return out;
}

// All rows, page by page.
std::vector<std::string> walked(Sandbox& box, const std::string& path, const ops::RawArgs& raw, const std::string& sort,
                                std::int64_t limit) {
  std::vector<std::string> out;
  Call call;
  call.list.sort = sort;
  call.list.limit = limit;
  do {
    const auto page = texts(box.list(path, raw, call));
    out.insert(out.end(), page.begin(), page.end());
    call.list.after = box.page().next;
    REQUIRE(out.size() < 5000);
  } while (box.page().more && !call.list.after.empty());
  return out;
}

// How a column's values compare: as numbers or as text, what is empty before all.
bool in_order(const Json& rows, const std::string& column, bool descending) {
  const auto less = [&](const Json& a, const Json& b) {
    const auto &x = a.at(column), &y = b.at(column);
    if (x.is_null() || y.is_null()) return x.is_null() && !y.is_null();
    if (x.is_integer()) return x.integer() < y.integer();
    if (x.is_bool()) return !x.boolean() && y.boolean();
    return (x.is_text() ? x.text() : to_canonical(x)) < (y.is_text() ? y.text() : to_canonical(y));
  };
  return std::is_sorted(rows.items().begin(), rows.items().end(),
                        [&](const Json& a, const Json& b) { return descending ? less(b, a) : less(a, b); });
}

}  // namespace

TEST_CASE("every list, sorted by any of its columns, gives each row once, in order, page after page",
          "[ops][listing]") {
  Sandbox box(World::season);
  for (const auto* operation : lists()) {
    std::string why;
    const auto example = fitted(box, parsed_example(operation->examples.front()), why);
    const auto raw = example ? example->raw : ops::RawArgs{};
    const auto own = box.list(operation->path, raw);
    auto expected = texts(own);
    if (expected.size() < 2) continue;
    std::ranges::sort(expected);
    const auto first = own.items().front();
    for (const auto& [column, value] : first.members()) {
      const bool known = std::ranges::any_of(operation->columns, [&](const auto& c) { return c.name == column; });
      if (!known) continue;
      for (const auto* way : {"", ":desc"}) {
        CAPTURE(operation->path, column, way);
        Call call;
        call.list.sort = column + way;
        const auto whole = box.list(operation->path, raw, call);
        CHECK(in_order(whole, column, *way));
        auto sorted = texts(whole);
        // Pages join to the whole, rows of one value in the same order; a report is a single page.
        CHECK(walked(box, operation->path, raw, call.list.sort, static_cast<std::int64_t>(sorted.size() / 3 + 1)) ==
              sorted);
        std::ranges::sort(sorted);
        CHECK(sorted == expected);
      }
    }
  }
}

TEST_CASE("pages of one row join to the whole list", "[ops][listing]") {
  Sandbox box(World::season);
  for (const auto* sort : {"", "paid_at", "due_date:desc", "currency", "amount"}) {
    CAPTURE(sort);
    Call call;
    call.list.sort = sort;
    CHECK(walked(box, "invoices.list", {}, sort, 1) == texts(box.list("invoices.list", {}, call)));
  }
}

TEST_CASE("a cursor is good for the list and the order that printed it, and can't be made up", "[ops][listing]") {
  Sandbox box(World::season);
  const auto refused = [&](const std::string& path, const std::string& sort, const std::string& after) {
    Call call;
    call.list.sort = sort;
    call.list.after = after;
    call.list.limit = 2;
    return box.error_code(path, {}, call);
  };
  Call call;
  call.list.limit = 2;
  call.list.sort = "amount";
  box.list("invoices.list", {}, call);
  const auto cursor = box.page().next;
  REQUIRE_FALSE(cursor.empty());
  CHECK(refused("invoices.list", "amount", cursor).empty());
  CHECK(refused("invoices.list", "amount_cents", cursor).empty());
  CHECK(refused("invoices.list", "", cursor) == "invalid_cursor");
  CHECK(refused("invoices.list", "amount:desc", cursor) == "invalid_cursor");
  CHECK(refused("invoices.list", "number", cursor) == "invalid_cursor");
  CHECK(refused("proposals.list", "amount", cursor) == "invalid_cursor");
  // ["","…"], ["x","y","z"], {}, half of one
  for (const auto* made_up : {"WyIiLCIwMTllIl0", "WyJ4IiwieSIsInoiXQ", "e30", "WyI", "x", "%%%"})
    CHECK(refused("invoices.list", "amount", made_up) == "invalid_cursor");
}

TEST_CASE("a report is sorted, cut and counted when asked, and never otherwise", "[ops][listing]") {
  Sandbox box(World::season);
  Call call;
  call.list.limit = 1;
  const auto whole = box.list("invoices.aging", {}, call);
  REQUIRE(whole.items().size() > 2);
  CHECK_FALSE(box.page().limit);
  call.list.limit_chosen = true;
  call.list.sort = "outstanding:desc";
  call.list.total = true;
  const auto first = box.list("invoices.aging", {}, call);
  CHECK(first.items().size() == 1);
  CHECK(box.page().more);
  CHECK(box.page().next.empty());
  CHECK(box.page().total == static_cast<std::int64_t>(whole.items().size()));
  std::int64_t most = 0;
  for (const auto& row : whole.items()) most = std::max(most, row.at("outstanding_cents").integer());
  CHECK(first.items().front().at("outstanding_cents").integer() == most);
  call.list.after = "x";
  CHECK(box.error_code("invoices.aging", {}, call) == "invalid_cursor");
  call = {};
  call.list.sort = "colour";
  CHECK(box.error_code("invoices.totals", {}, call) == "invalid_column");
}

TEST_CASE("a column is named once, under either of money's names", "[ops][listing]") {
  Sandbox box(World::season);
  const auto code = [&](std::vector<std::string> columns) {
    Call call;
    call.list.columns = std::move(columns);
    return box.error_code("invoices.list", {}, call);
  };
  CHECK(code({"number", "amount", "id"}).empty());
  CHECK(code({"number", "id", "number"}) == "invalid_column");
  CHECK(code({"amount", "amount_cents"}) == "invalid_column");
  CHECK(code({"number", ""}) == "invalid_column");
}

TEST_CASE("every list can be narrowed as the contract says, as far as its records have what it takes",
          "[ops][listing]") {
  std::string missing;
  for (const auto* operation : lists()) {
    const auto has = [&](std::string_view name) {
      return std::ranges::any_of(operation->columns, [&](const auto& c) { return c.name == name; });
    };
    const bool records = operation->path.ends_with(".list") && has("id");
    if (records && has("status") && !operation->find("status")) missing += operation->path + ": --status\n";
    if (records && has("created_at") && (!operation->find("since") || !operation->find("until")))
      missing += operation->path + ": --since, --until\n";
    if (records && !operation->find("search")) missing += operation->path + ": --search\n";
  }
  CHECK(missing == "");
}

TEST_CASE("a reference to a person carries the e-mail beside the id", "[ops][listing]") {
  std::string missing;
  for (const auto* operation : Sandbox::registry().all())
    for (const auto& column : operation->columns) {
      const auto name = std::string(column.name);
      std::string beside;
      if (name == "user_id" || name.ends_with("_user_id")) beside = name.substr(0, name.size() - 7) + "email";
      if (name == "created_by") beside = name + "_email";
      if (beside.empty()) continue;
      const auto with_user = name.substr(0, name.size() - (name == "created_by" ? 0 : 2)) + "email";
      const bool there = std::ranges::any_of(operation->columns, [&](const auto& c) {
        return c.name == beside || c.name == with_user || c.name == name.substr(0, name.size() - 3) + "_email";
      });
      if (!there) missing += operation->path + ": " + name + "\n";
    }
  CHECK(missing == "");
}

TEST_CASE("a sum beyond 2^53-1 minor units is refused, and never shown rounded or as a defect", "[ops][listing]") {
  Sandbox box;
  const auto most = GENERATE(2, 1100);  // past 2^53-1; past 64 bits
  std::string rows;
  for (int i = 1; i <= most; ++i)
    rows += fmt::format(
        "{}('00000000-0000-7000-8000-{:012}', 'INV-2026-{:04}', 'c@x.example', 9007199254740991, 'EUR', 'ISSUED', 0,"
        " '2026-02-01', '2026-03-01', '2026-02-01T09:00:00.000Z', '2026-02-01T09:00:00.000Z', "
        "'2026-02-01T09:00:00.000Z')",
        i == 1 ? "" : ", ", i, i);
  box.sql(
      "INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, paid_cents, issue_date, "
      "due_date,"
      " issued_at, created_at, updated_at) VALUES " +
      rows);
  for (const auto* path : {"invoices.aging", "invoices.totals"}) {
    CAPTURE(path, most);
    CHECK(box.error_code(path) == "amount_too_large");
  }
  for (const auto* output : {"table", "json", "ndjson", "csv"})
    CHECK(box.steward({"invoices", "aging", "-o", output}).exit == 2);
  CHECK(box.steward({"invoices", "list", "--limit", "1"}).exit == 0);
}
