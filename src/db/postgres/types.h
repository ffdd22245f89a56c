#pragma once

/// The built-in types that steward's tables, queries and arguments have, by the numbers that never change
/// (PostgreSQL's src/include/catalog/pg_type.dat).
namespace steward::db::postgres::type {

inline constexpr unsigned kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kOid = 26, kDate = 1082,
                          kTimestamptz = 1184, kNumeric = 1700, kUuid = 2950, kJsonb = 3802;
inline constexpr unsigned kInferred = 0;  ///< the server finds it from where the argument stands

}  // namespace steward::db::postgres::type
