#include "ops/sealed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ops/settings.h"

namespace steward::ops {
namespace {

constexpr SealedColumn kColumns[] = {
    {"settings", "value", "key", "sensitive"},      {"payout_tax_info", "legal_name", "id", {}},
    {"payout_tax_info", "address_line1", "id", {}}, {"payout_tax_info", "address_line2", "id", {}},
    {"payout_tax_info", "city", "id", {}},          {"payout_tax_info", "state", "id", {}},
    {"payout_tax_info", "postal_code", "id", {}},   {"payout_tax_info", "tax_id", "id", {}},
};

std::string lost_key(std::string_view id) { return fmt::format("keys.lost.{}", id); }

// Names of the program's own, none of it a caller's text.
std::string from_and_where(const SealedColumn& column) {
  return fmt::format("FROM {} WHERE {} IS NOT NULL{}{}", column.table, column.column,
                     column.where.empty() ? "" : " AND ", column.where);
}

}  // namespace

std::span<const SealedColumn> sealed_columns() { return kColumns; }

bool is_sealed(std::string_view table, std::string_view column) {
  return std::ranges::any_of(kColumns, [&](const SealedColumn& one) {
    return one.table == table && one.column == column && one.where.empty();
  });
}

void each_sealed(db::Tx& tx, const std::function<void(const SealedValue&)>& found) {
  for (const auto& column : kColumns) {
    if (!tx.connection().has_table(column.table)) continue;
    tx.each(fmt::format("SELECT {}, {} {} ORDER BY {}", column.key, column.column, from_and_where(column), column.key),
            {}, [&](const db::Row& row) {
              found({column, row.str(0), row.str(1)});
            });
  }
}

bool has_sealed(db::Tx& tx) {
  return std::ranges::any_of(kColumns, [&](const SealedColumn& column) {
    return tx.connection().has_table(column.table) &&
           tx.exists(fmt::format("SELECT 1 {} LIMIT 1", from_and_where(column)));
  });
}

std::vector<std::string> keys_in_use(db::Tx& tx) {
  std::set<std::string> out;
  for (const auto& column : kColumns) {
    if (!tx.connection().has_table(column.table)) continue;
    // "v1:KEYID:…", a key's id being eight digits
    tx.each(fmt::format("SELECT DISTINCT substr({}, 4, 8) {}", column.column, from_and_where(column)), {},
            [&](const db::Row& row) { out.insert(row.str(0)); });
  }
  std::erase_if(
      out, [&](const std::string& id) { return tx.exists("SELECT 1 FROM settings WHERE key = $1", {lost_key(id)}); });
  return {out.begin(), out.end()};
}

void give_up_key(db::Tx& tx, std::string_view key_id) { store_setting(tx, lost_key(key_id), "lost", false); }

void reseal(db::Tx& tx, const SealedValue& value, std::string_view text) {
  const auto& [table, column, key, where] = value.column;
  tx.exec(fmt::format("UPDATE {} SET {} = $2 WHERE {} = $1", table, column, key), {value.row, text});
}

}  // namespace steward::ops
