#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "db/transfer.h"
#include "ops/context.h"

namespace steward::ops {

/// Which history table belongs to a record: all have the same columns (migrations, *_status_history).
struct HistorySpec {
  std::string_view table;   ///< "invoice_status_history"
  std::string_view parent;  ///< "invoice_id"
};

/// One row of a record's history: who moved it, when, through which operation. `from` is empty at creation;
/// `own_columns` are those that only this history has. Returns
/// the row's id.
std::string record_history(Context& context, const HistorySpec& spec, std::string_view parent_id, std::string_view from,
                           std::string_view to, const std::optional<std::string>& note = {},
                           std::initializer_list<std::pair<std::string_view, db::Value>> own_columns = {});

/// Rows of many records' histories at once, as record_history writes one: `from` is empty at creation, `note` where
/// there is none. Until finish(), nothing else is run on the transaction's connection.
class HistoryRows {
 public:
  HistoryRows(Context& context, const HistorySpec& spec);
  void add(std::string_view parent_id, std::string_view to, std::string_view from = {}, std::string_view note = {});
  void finish() { rows_->finish(); }

 private:
  Context& context_;
  std::unique_ptr<db::BulkInsert> rows_;
};

/// The history of a record, oldest first, as an array of objects.
Json history_of(db::Tx& tx, const HistorySpec& spec, std::string_view parent_id);

}  // namespace steward::ops
