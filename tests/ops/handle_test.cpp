#include "ops/handle.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"
#include "db/open.h"
#include "support/sandbox.h"

using namespace steward;
using steward::test::refusal;
using steward::test::Sandbox;

namespace {

using Spelling = ops::HandleSpec::Spelling;

constexpr ops::HandleSpec kBySlug{"offer", "things", "slug", Spelling::lower, "title"};
constexpr ops::HandleSpec kByNumber{"thing", "things", "number", Spelling::upper};
constexpr ops::HandleSpec kById{"thing", "things"};

struct Shelf {
  Sandbox box;
  std::unique_ptr<db::Connection> connection = box.connect();
  db::Tx tx{*connection, db::Access::write, {}};

  Shelf() {
    const std::string id = test::on_postgres() ? "uuid" : "TEXT";
    tx.exec("CREATE TABLE things (id " + id +
            " NOT NULL PRIMARY KEY, slug TEXT UNIQUE, number TEXT UNIQUE, title TEXT)");
    tx.exec(
        "INSERT INTO things VALUES"
        " ('0196f000-0000-7000-8000-000000abcdef', 'spring', 'TH-2026-0001', 'Spring term'),"
        " ('0196f000-0000-7000-8000-0000001bcdef', 'abcdef', 'TH-2026-0002', 'Named like a tail'),"
        " ('0196f000-0000-7000-8000-000000123456', 'sp_ing', NULL, 'No number'),"
        " ('0196f000-0000-7000-8001-000000123456', 'sp%', NULL, NULL)");
  }
  std::string find(const ops::HandleSpec& spec, std::string_view text) {
    return ops::resolve_handle(tx, spec, text, "thing");
  }
  std::string code(const ops::HandleSpec& spec, std::string_view text) {
    return test::refusal_code([&] { find(spec, text); });
  }
};

}  // namespace

TEST_CASE("a record is found by its handle, its id and a unique tail of its id, in any case", "[ops][handle]") {
  Shelf shelf;
  const std::string spring = "0196f000-0000-7000-8000-000000abcdef";
  CHECK(shelf.find(kBySlug, "spring") == spring);
  CHECK(shelf.find(kBySlug, "SPRING") == spring);
  CHECK(shelf.find(kByNumber, "th-2026-0001") == spring);
  CHECK(shelf.find(kByNumber, "TH-2026-0001") == spring);
  for (const auto& spec : {kBySlug, kByNumber, kById}) {
    CHECK(shelf.find(spec, spring) == spring);
    CHECK(shelf.find(spec, "0196F000-0000-7000-8000-000000ABCDEF") == spring);
    CHECK(shelf.find(spec, "0abcdef") == spring);
    CHECK(shelf.find(spec, "0ABCDEF") == spring);
    CHECK(shelf.find(spec, "8000-000000abcdef") == spring);
  }
  CHECK(shelf.find(kById, "1bcdef").ends_with("1bcdef"));
}

TEST_CASE("a handle goes before a tail that is spelled alike", "[ops][handle]") {
  Shelf shelf;
  CHECK(shelf.find(kBySlug, "abcdef").ends_with("0000001bcdef"));
  CHECK(shelf.find(kById, "abcdef").ends_with("000000abcdef"));
}

TEST_CASE("a tail is looked up in an index, in every table that grows", "[ops][handle][sqlite]") {
  Sandbox box;
  for (const auto* table :
       {"action_proposals", "intake_requests", "deals", "proposals", "invoices", "payments", "ledger_entries"}) {
    CAPTURE(table);
    std::string steps;
    for (const auto& step :
         box.rows(fmt::format("EXPLAIN QUERY PLAN SELECT id FROM {} WHERE substr(CAST(id AS text), 31) = 'abcdef'"
                              " AND CAST(id AS text) LIKE '%abcdef' ORDER BY id LIMIT 10",
                              table)))
      steps += step.back() + "\n";
    CHECK_THAT(steps, Catch::Contains(fmt::format("USING INDEX {}_by_tail", table)));
  }
}

TEST_CASE("an ambiguous tail lists the candidates", "[ops][handle]") {
  Shelf shelf;
  const auto error = refusal([&] { shelf.find(kById, "123456"); });
  REQUIRE(error);
  CHECK(error->code() == "ambiguous_handle");
  CHECK(error->kind() == ErrorKind::usage);
  CHECK(error->field() == "thing");
  CHECK(to_text(error->details()) ==
        R"({"candidates":["0196f000-0000-7000-8000-000000123456","0196f000-0000-7000-8001-000000123456"]})");
  CHECK(shelf.find(kById, "8001-000000123456").ends_with("8001-000000123456"));
}

TEST_CASE("what is nobody's is not found, whatever it is made of", "[ops][handle]") {
  Shelf shelf;
  for (const auto* text : {"sprin", "bcdef", "%", "%abcdef", "______", "abcdeg", "0196f000-0000-7000-8000-000000000000",
                           "", "' OR 1=1 --", "000000123456-"}) {
    CAPTURE(text);
    const auto error = refusal([&] { shelf.find(kBySlug, text); });
    REQUIRE(error);
    CHECK(error->code() == "not_found");
    CHECK(error->kind() == ErrorKind::not_found);
    CHECK(error->field() == "thing");
  }
  CHECK_THAT(refusal([&] { shelf.find(kBySlug, "x"); })->hint(),
             Catch::StartsWith("Name an offer by its slug, its id"));
  CHECK_THAT(refusal([&] { shelf.find(kById, "x"); })->hint(), Catch::StartsWith("Name a thing by its id"));
}

TEST_CASE("a prefix is completed as it stands, with a label", "[ops][handle]") {
  Shelf shelf;
  using Found = std::vector<std::pair<std::string, std::string>>;
  CHECK(ops::complete_handle(shelf.tx, kBySlug, "SPR") == Found{{"spring", "Spring term"}});
  CHECK(ops::complete_handle(shelf.tx, kBySlug, "sp_") == Found{{"sp_ing", "No number"}});
  CHECK(ops::complete_handle(shelf.tx, kBySlug, "sp%") == Found{{"sp%", ""}});
  CHECK(ops::complete_handle(shelf.tx, kByNumber, "th-2026-0002") == Found{{"TH-2026-0002", ""}});
  CHECK(ops::complete_handle(shelf.tx, kByNumber, "0196") ==
        Found{{"0196f000-0000-7000-8001-000000123456", ""}, {"0196f000-0000-7000-8000-000000123456", ""}});
  CHECK(ops::complete_handle(shelf.tx, kByNumber, "").size() == 4);
  CHECK(ops::complete_handle(shelf.tx, kById, "0196").size() == 4);
  CHECK(ops::complete_handle(shelf.tx, kBySlug, "zz").empty());
}
