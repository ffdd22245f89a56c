#include "db/postgres/changes.h"

#include <algorithm>
#include <map>

#include "core/instant.h"

namespace steward::db::postgres {
namespace {

constexpr auto kStart = R"sql(
  CREATE TEMPORARY TABLE steward_changes (
    seq bigint GENERATED ALWAYS AS IDENTITY, tab text NOT NULL, op text NOT NULL, old jsonb, new jsonb
  ) ON COMMIT DROP;
  SELECT pg_catalog.set_config('steward.capture', 'on', true)
)sql";
constexpr auto kChanges = "SELECT tab, op, old, new FROM pg_temp.steward_changes ORDER BY seq";
constexpr auto kCounts = "SELECT tab, op, count(*) FROM pg_temp.steward_changes GROUP BY tab, op ORDER BY tab, op";
constexpr auto kTypes = R"sql(
  SELECT a.attname, pg_catalog.format_type(a.atttypid, NULL) FROM pg_catalog.pg_attribute a
   WHERE a.attrelid = CAST($1 AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
)sql";

struct Column {
  std::string name, type;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::string> key;
};

Table table_of(Connection& connection, const std::string& name) {
  Table out;
  const Value args[] = {Value(name)};
  connection.each(kTypes, args, [&](const Row& row) {
    out.columns.push_back({row.str(0), row.str(1)});
    return true;
  });
  out.key = connection.shape(name).key;
  return out;
}

/// A cell as SQLite would report it, from PostgreSQL's own JSON of the row.
Json cell(const Column& column, const Json& value) {
  if (value.is_null()) return {};
  if (column.type == "boolean") return Json(value.boolean() ? 1 : 0);
  if (column.type == "timestamp with time zone") return Json(to_text(parse_instant(value.text())));
  if (column.type == "jsonb") return Json(to_canonical(value));
  return value;
}

Json record(const Table& table, const Json& row) {
  if (row.is_null()) return {};
  Json out = Json::object();
  for (const auto& column : table.columns) out.set(column.name, cell(column, row.at(column.name)));
  return out;
}

Json key_of(const Table& table, const Json& record) {
  Json out = Json::object();
  for (const auto& name : table.key) out.set(name, record.at(name));
  return out;
}

/// An update lists only what changed.
void leave_out_equal(RowChange& change) {
  Json before = Json::object(), after = Json::object();
  for (const auto& [name, value] : change.after.members()) {
    if (change.before.at(name) == value) continue;
    before.set(name, change.before.at(name));
    after.set(name, value);
  }
  change.before = std::move(before);
  change.after = std::move(after);
}

/// Where a row stood before the transaction and where it stands now.
class Net {
 public:
  void add(const std::string& table, const Table& shape, const Json& old, const Json& now) {
    const auto before = record(shape, old), after = record(shape, now);
    const auto key = key_of(shape, before.is_null() ? after : before);
    const auto [at, fresh] = places_.try_emplace({table, to_canonical(key)}, changes_.size());
    if (fresh) changes_.push_back({table, {}, key, before, {}});
    changes_[at->second].after = after;
  }
  std::vector<RowChange> take() {
    std::vector<RowChange> out;
    for (auto& change : changes_) {
      if (change.before.is_null() && change.after.is_null()) continue;
      change.op = change.before.is_null() ? "insert" : change.after.is_null() ? "delete" : "update";
      if (change.op == "update") leave_out_equal(change);
      if (change.op == "update" && change.after.members().empty()) continue;
      out.push_back(std::move(change));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.table < b.table; });
    return out;
  }

 private:
  std::vector<RowChange> changes_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;
};

}  // namespace

void start_capture(Connection& connection) { connection.script(kStart); }

std::vector<RowChange> captured_changes(Connection& connection) {
  std::map<std::string, Table> tables;
  Net net;
  connection.each(kChanges, {}, [&](const Row& row) {
    const auto name = row.str(0);
    auto [table, fresh] = tables.try_emplace(name);
    if (fresh) table->second = table_of(connection, name);
    const auto json = [&](int column) { return row.is_null(column) ? Json() : parse_json(row.text(column)); };
    net.add(name, table->second, json(2), json(3));
    return true;
  });
  return net.take();
}

std::vector<ChangeCount> counted_changes(Connection& connection) {
  std::vector<ChangeCount> out;
  connection.each(kCounts, {}, [&](const Row& row) {
    out.push_back({row.str(0), row.str(1), row.integer(2)});
    return true;
  });
  return out;
}

}  // namespace steward::db::postgres
