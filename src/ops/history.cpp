#include "ops/history.h"

#include <fmt/format.h>

namespace steward::ops {
namespace {

constexpr Column kColumns[] = {
    {"from_status", "h.from_status"},
    {"to_status", "h.to_status"},
    {"note", "h.note"},
    {"changed_at", "h.changed_at", Kind::instant},
    {"changed_by", "h.changed_by"},
    {"changed_by_email", "u.email"},
    {"actor", "h.actor"},
    {"token_id", "h.token_id"},
    {"request_id", "h.request_id"},
    {"operation", "h.operation"},
};

db::Value or_null(std::string_view text) { return text.empty() ? db::Value() : db::Value(text); }

}  // namespace

std::string record_history(Context& context, const HistorySpec& spec, std::string_view parent_id, std::string_view from,
                           std::string_view to, const std::optional<std::string>& note,
                           std::initializer_list<std::pair<std::string_view, db::Value>> own_columns) {
  const auto id = context.new_id();
  std::vector<db::Value> values{id,
                                parent_id,
                                or_null(from),
                                to,
                                note,
                                context.now(),
                                context.actor.user_id,
                                context.actor.id,
                                context.actor.token_id,
                                context.request.request_id,
                                context.operation.path};
  std::string columns = fmt::format(
      "id, {}, from_status, to_status, note, changed_at, changed_by, actor, token_id, request_id, operation",
      spec.parent);
  for (const auto& [column, value] : own_columns) {
    columns.append(", ").append(column);
    values.push_back(value);
  }
  std::string places;
  for (std::size_t i = 1; i <= values.size(); ++i) places += fmt::format("{}${}", i == 1 ? "" : ", ", i);
  context.tx.connection().post(fmt::format("INSERT INTO {} ({}) VALUES ({})", spec.table, columns, places), values);
  return id;
}

HistoryRows::HistoryRows(Context& context, const HistorySpec& spec)
    : context_(context),
      rows_(db::bulk_insert(context.tx.connection(), spec.table,
                            {"id", std::string(spec.parent), "from_status", "to_status", "note", "changed_at",
                             "changed_by", "actor", "token_id", "request_id", "operation"})) {}

void HistoryRows::add(std::string_view parent_id, std::string_view to, std::string_view from, std::string_view note) {
  rows_->add({context_.new_id(), parent_id, or_null(from), to, or_null(note), context_.now(), context_.actor.user_id,
              context_.actor.id, context_.actor.token_id, context_.request.request_id, context_.operation.path});
}

Json history_of(db::Tx& tx, const HistorySpec& spec, std::string_view parent_id) {
  Listing listing(kColumns, fmt::format("{} h LEFT JOIN users u ON u.id = h.changed_by", spec.table));
  listing.where(fmt::format("h.{} = {{}}", spec.parent), {parent_id}).key("h.id", false);
  return listing.records(tx);
}

}  // namespace steward::ops
