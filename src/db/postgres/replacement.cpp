#include "db/postgres/replacement.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "db/manifest.h"
#include "db/transfer.h"
#include "db/tx.h"

namespace steward::db::postgres {
namespace {

/// The triggers in force that a DELETE of a row calls (pg_trigger.tgtype: 8 DELETE).
constexpr auto kDeleteTriggers = R"sql(
  SELECT CAST(c.relname AS text), CAST(pg_catalog.quote_ident(g.tgname) AS text)
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
   WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())
     AND NOT g.tgisinternal AND g.tgenabled = 'O' AND g.tgtype & 8 <> 0
   ORDER BY 1, 2
)sql";

struct Trigger {
  std::string table, name;
};

/// Append-only tables refuse every DELETE, also their owner's. He may take the triggers off for the length of a
/// transaction; nobody else ever sees the tables without them.
class WithoutDeleteTriggers {
 public:
  WithoutDeleteTriggers(Connection& connection, const std::vector<std::string>& tables) : connection_(connection) {
    connection_.each(kDeleteTriggers, {}, [&](const Row& row) {
      if (std::ranges::count(tables, row.text(0))) triggers_.push_back({row.str(0), row.str(1)});
      return true;
    });
    set("DISABLE");
  }
  void put_back() { set("ENABLE"); }

 private:
  void set(std::string_view to) {
    std::string statements;
    for (const auto& trigger : triggers_)
      statements += fmt::format("ALTER TABLE {} {} TRIGGER {};", trigger.table, to, trigger.name);
    if (!statements.empty()) connection_.script(statements);
  }

  Connection& connection_;
  std::vector<Trigger> triggers_;
};

std::int64_t rows_in(Connection& connection, const std::vector<std::string>& tables) {
  std::int64_t sum = 0;
  for (const auto& table : tables)
    connection.each(fmt::format("SELECT count(*) FROM {}", table), {}, [&](const Row& row) {
      sum += row.integer(0);
      return false;
    });
  return sum;
}

RowProgress telling(const CopyProgress& progress, std::int64_t whole) {
  if (!progress) return {};
  return [&progress, whole, before = std::int64_t{0}, in_table = std::int64_t{0}](const std::string&,
                                                                                  std::int64_t rows) mutable {
    if (rows == 0) before += in_table;
    in_table = rows;
    progress(before + rows, whole);
  };
}

class InOneTransaction final : public Replacement {
 public:
  InOneTransaction(Connection& live, Connection& content)
      : live_(live), content_(content), tx_(live, Access::schema, {}) {}

  void commit(const CopyProgress& progress) override {
    const Tx reading(content_, Access::read, {});
    auto tables = tables_parents_first(content_);
    std::erase_if(tables, is_of_migrations);
    empty(tables);
    const auto sent = copy_rows(content_, live_, telling(progress, progress ? rows_in(content_, tables) : 0));
    prove(sent);
    tx_.commit();
  }

 private:
  // DELETE and not TRUNCATE, after which a reader with an older snapshot would find nothing at all. Children go first,
  // for the references hold throughout.
  void empty(const std::vector<std::string>& tables) {
    live_.script(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", join(tables, ", ")));
    WithoutDeleteTriggers off(live_, tables);
    for (auto table = tables.rbegin(); table != tables.rend(); ++table)
      live_.exec(fmt::format("DELETE FROM {}", *table), {});
    off.put_back();
  }
  void prove(const Manifest& sent) {
    for (const auto& table : sent.tables)
      if (read_table(live_, table.table, {}) != table)
        throw Error{ErrorKind::precondition, "backup_mismatch",
                    fmt::format("What arrived in {} is not what was sent.", table.table),
                    "Nothing was changed. Look at the triggers of that table and at the server's disk."};
  }

  Connection &live_, &content_;
  Tx tx_;
};

}  // namespace

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  return std::make_unique<InOneTransaction>(live, content);
}

}  // namespace steward::db::postgres
