#include "ops/foretell.h"

#include <map>

#include "ops/sealed.h"

namespace steward::ops {
namespace {

bool is_secret_column(std::string_view column) {
  return column.find("hash") != std::string_view::npos ? column == "secret_hash"
                                                       : column.find("token") == 0 && column != "token_id";
}

Json masked(Json record, std::string_view hidden = {}, std::string_view table = {}) {
  if (!record.is_object()) return record;
  for (auto& [name, value] : record.members())
    if (is_secret_column(name) || name == hidden || (!value.is_null() && is_sealed(table, name))) value = "[secret]";
  return record;
}

// The column of a row that holds what may be nobody's business: a sensitive setting, what somebody else was answered.
std::string_view hidden_column(const db::RowChange& row) {
  if (row.table == "idempotency_keys") return "answer";
  if (row.table != "settings") return {};
  const auto* after = row.after.is_object() ? row.after.find("sensitive") : nullptr;
  const auto* before = row.before.is_object() ? row.before.find("sensitive") : nullptr;
  return !after || after->integer() != 0 || (before && before->integer() != 0) ? "value" : "";
}

Json json_of_rows(const std::vector<db::RowChange>& rows) {
  Json out = Json::array();
  for (const auto& row : rows)
    out.push(Json{{"table", row.table},
                  {"op", row.op},
                  {"key", row.key},
                  {"old", masked(row.before, hidden_column(row), row.table)},
                  {"new", masked(row.after, hidden_column(row), row.table)}});
  return out;
}

Json counted(const std::vector<db::RowChange>& rows, const std::vector<db::ChangeCount>& already) {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const auto& count : already) counts[{count.table, count.op}] += count.rows;
  for (const auto& row : rows) ++counts[{row.table, row.op}];
  Json out = Json::array();
  for (const auto& [what, count] : counts) out.push(Json{{"table", what.first}, {"op", what.second}, {"count", count}});
  return out;
}

}  // namespace

bool is_only_counted(const Operation& operation) { return operation.path.ends_with(".import"); }

Json foretold(const Operation& operation, Change change, const std::vector<db::RowChange>& rows,
              const std::vector<db::ChangeCount>& counts) {
  Json out{{"changes", is_only_counted(operation) ? counted(rows, counts) : json_of_rows(rows)},
           {"effects", Json(change.effects)},
           {"would_answer", masked(std::move(change.data))}};
  if (!change.lines.is_null()) out.set("lines", std::move(change.lines));
  return out;
}

}  // namespace steward::ops
