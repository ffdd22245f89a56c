#pragma once
#include <functional>
#include <string>
#include <vector>

#include "db/connection.h"

namespace steward::db {

/// What a table holds, in two numbers: equal digests are equal rows.
struct TableDigest {
  std::string table;
  std::int64_t rows = 0;
  std::string hash;  ///< BLAKE2b-256, 64 hex digits
  bool operator==(const TableDigest&) const = default;
};

/// What a whole database holds. Two databases with equal manifests hold the same, whichever engine keeps them.
struct Manifest {
  std::vector<TableDigest> tables;  ///< sorted by name
  bool operator==(const Manifest&) const = default;

  std::int64_t rows() const;
  /// One hash of all of it, 64 hex digits: BLAKE2b-256 over the name, the number of rows and the hash of each table,
  /// each as the cells of a row are hashed.
  std::string hash() const;
  /// nullptr when there is no such table.
  const TableDigest* find(std::string_view table) const;
};

/// Reads every row of one table once, and hands each on as it passes. The hash is the one that take_manifest() says.
TableDigest read_table(Connection& connection, const std::string& table, const std::function<void(const Row&)>& each);

/// Reads every row of every table once; memory does not grow with them. To be called inside a transaction, so that all
/// tables are seen as of one moment. `each` is told the name of each table before it is read.
///
/// A table's hash runs over its column names and then its rows in the order of the primary key; of each cell, one byte
/// 0 for NULL, else one byte 1, the length of its text (8 bytes, little endian) and the text.
Manifest take_manifest(Connection& connection, const std::function<void(const std::string& table)>& each = {});

/// The tables that are not the same in both, sorted.
std::vector<std::string> differing_tables(const Manifest& a, const Manifest& b);

Json to_json(const Manifest& manifest);
/// Errors: Error{usage, "invalid_json"} for anything that to_json did not write.
Manifest manifest_of(const Json& tables);

}  // namespace steward::db
