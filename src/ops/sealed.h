#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.h"
#include "ops/vault.h"

namespace steward::ops {

/// A column whose values the Vault has sealed. A migration that adds one names it here; then a new key re-encrypts it,
/// a dry run hides it, and who makes, copies or restores a database knows that a key file belongs to it.
struct SealedColumn {
  std::string_view table, column;
  std::string_view key;    ///< the table's primary key: what is bound into the ciphertext as Place::row
  std::string_view where;  ///< which of its rows are sealed
};
std::span<const SealedColumn> sealed_columns();
/// Whether every value of this column that is there is sealed.
bool is_sealed(std::string_view table, std::string_view column);

/// A sealed value where it stands.
struct SealedValue {
  const SealedColumn& column;
  std::string row, text;
  Place place() const { return {column.table, column.column, row}; }
};
/// Every one of them, in a steady order. A table that the schema is too old for has none.
void each_sealed(db::Tx& tx, const std::function<void(const SealedValue&)>& found);
/// Whether there is any: without the key file it can't be read.
bool has_sealed(db::Tx& tx);
/// The ids of the keys that they were sealed with, but for those that were given up.
std::vector<std::string> keys_in_use(db::Tx& tx);
/// A key is lost for good: what it sealed stays unreadable, and others may be used beside it.
void give_up_key(db::Tx& tx, std::string_view key_id);
/// Puts another ciphertext of the same value in its place. What the record says stays what it was, so neither its
/// version nor its stamps move.
void reseal(db::Tx& tx, const SealedValue& value, std::string_view text);

}  // namespace steward::ops
