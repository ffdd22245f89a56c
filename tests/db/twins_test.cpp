// The two schemas are one: what SQLite's catalogue holds is written down in PostgreSQL's words (twin_rules.h), made in
// one schema beside the twins in another, and PostgreSQL itself describes both.

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>

#include "core/text.h"
#include "db/inspect.h"
#include "db/migrations.h"
#include "db/twin_rules.h"
#include "db/twins_planted.h"
#include "support/postgres_session.h"
#include "support/sandbox.h"

using namespace steward;
using test::Edit;
using test::PostgresSession;

namespace {

// All that a schema says of a table, a sentence each. PostgreSQL spells expressions anew, so equal ones look equal.
constexpr auto kFacts = R"sql(
  WITH tables AS (SELECT oid, relname, relkind, relpersistence FROM pg_class
                   WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind NOT IN ('i', 'c'))
  SELECT relname, format('is a relation of kind %s, %s', relkind, relpersistence) FROM tables
  UNION ALL
  SELECT relname, concat_ws(' ', 'column', attnum, attname, format_type(atttypid, atttypmod),
                            'COLLATE ' || (SELECT collname FROM pg_collation WHERE pg_collation.oid = attcollation),
                            CASE WHEN attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(adbin, adrelid),
                            nullif(concat(attidentity, attgenerated), ''))
    FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  UNION ALL
  SELECT relname, pg_get_constraintdef(pg_constraint.oid) FROM tables JOIN pg_constraint ON conrelid = tables.oid
   WHERE contype <> 't'
  UNION ALL
  SELECT relname, replace(pg_get_indexdef(indexrelid), current_schema() || '.', '')
    FROM tables JOIN pg_index ON indrelid = tables.oid
   WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT relname, pg_get_triggerdef(pg_trigger.oid, true) || CASE tgenabled WHEN 'O' THEN '' ELSE ' disabled' END
    FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
  UNION ALL
  SELECT proname, 'is a function: ' || trim(regexp_replace(prosrc, '\s+', ' ', 'g')) FROM pg_proc
   WHERE pronamespace = CAST(current_schema() AS regnamespace) AND proname NOT IN ('steward_refuse', 'steward_capture')
)sql";

using Facts = std::vector<std::string>;

/// The migrations of an engine; with an edit, one of them says something else.
std::vector<std::string> texts(db::Engine engine, const Edit* edit = nullptr) {
  std::vector<std::string> out;
  bool edited = !edit;
  for (const auto& migration : db::compiled_migrations(engine)) {
    auto& text = out.emplace_back(migration.sql);
    if (!edit || migration.name != edit->migration) continue;
    const auto at = text.find(edit->from);
    if (at == std::string::npos) continue;
    text.replace(at, edit->from.size(), edit->to);
    edited = true;
  }
  if (!edited) throw std::runtime_error("the text to edit is not there: " + edit->from);
  return out;
}

/// Makes a schema and lets PostgreSQL describe it.
Facts facts(const std::vector<std::string>& statements) {
  auto session = PostgresSession::in_scratch();
  for (const auto& text : statements) session.script(text);
  Facts out;
  for (const auto& row : session.rows(kFacts)) out.push_back(row[0] + ": " + row[1]);
  std::ranges::sort(out);
  return out;
}

Facts wanted(const Edit* edit = nullptr) {
  std::vector<db::Migration> migrations;
  const auto all = texts(db::Engine::sqlite, edit);
  for (const auto& text : all) migrations.push_back(db::make_migration("", text));
  const test::Sandbox sqlite;
  return facts({test::twin_of(*db::expected_schema(*sqlite.connect(), migrations))});
}

Facts twins(const Edit* edit = nullptr) { return facts(texts(db::Engine::postgres, edit)); }

/// "missing …" and "surplus …", one for each fact that only one of them has.
std::vector<std::string> differences(const Facts& expected, const Facts& found) {
  Facts missing, surplus;
  std::ranges::set_difference(expected, found, std::back_inserter(missing));
  std::ranges::set_difference(found, expected, std::back_inserter(surplus));
  std::vector<std::string> out;
  for (const auto& fact : missing) out.push_back("missing " + fact);
  for (const auto& fact : surplus) out.push_back("surplus " + fact);
  return out;
}

const Facts& wanted_once() {
  static const auto once = wanted();
  return once;
}

bool any_contains(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(lines, [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("every migration has its twin of the same name, and each names the other", "[db][twins]") {
  const auto sqlite = db::compiled_migrations(db::Engine::sqlite),
             postgres = db::compiled_migrations(db::Engine::postgres);
  REQUIRE(sqlite.size() >= 7);
  REQUIRE(sqlite.size() == postgres.size());
  for (std::size_t i = 0; i < sqlite.size(); ++i) {
    CHECK(sqlite[i].name == postgres[i].name);
    CHECK_THAT(std::string(sqlite[i].sql), Catch::Contains("Twin: " + sqlite[i].name + ".postgres.sql\n"));
    CHECK_THAT(std::string(postgres[i].sql), Catch::StartsWith("-- migrations/" + sqlite[i].name + ".postgres.sql\n") &&
                                                 Catch::Contains("Twin: " + sqlite[i].name + ".sqlite.sql\n"));
  }
}

TEST_CASE("the twins make the schema that SQLite has, in PostgreSQL's types", "[db][twins]") {
  CHECK(wanted_once().size() > 800);
  CHECK(differences(wanted_once(), twins()) == std::vector<std::string>{});
}

TEST_CASE("a twin that differs in anything is found", "[db][twins]") {
  const auto& planted = GENERATE(from_range(test::kPlantedInTwins));
  CAPTURE(planted.what);
  const auto found = differences(wanted_once(), twins(&planted.edit));
  INFO(join(found, "\n"));
  CHECK(any_contains(found, planted.finding));
}

TEST_CASE("a change of SQLite's schema that its twin does not follow is found", "[db][twins]") {
  static const auto there = twins();
  const auto& planted = GENERATE(from_range(test::kPlantedInSqlite));
  CAPTURE(planted.what);
  const auto found = differences(wanted(&planted.edit), there);
  INFO(join(found, "\n"));
  CHECK(any_contains(found, planted.finding));
}

TEST_CASE("a trigger that no rule turns into a twin is refused, not passed over", "[db][twins]") {
  const Edit after{"0003_offers", "rates_no_update BEFORE UPDATE", "rates_no_update AFTER UPDATE"};
  CHECK_THROWS_WITH(wanted(&after), Catch::Contains("no rule for the trigger CREATE TRIGGER rates_no_update"));
}
