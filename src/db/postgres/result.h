#pragma once
#include <memory>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/postgres/library.h"

namespace steward::db::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { libpq().PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

/// The first row of a result in binary format, with the values and texts that SQLite would hand out for it: a uuid as
/// its canonical text, an instant as 2026-11-22T09:30:00.000Z, JSON in its canonical form, a boolean as 0 or 1, a sum
/// (numeric) as an integer.
/// Errors of integer(): usage "amount_too_large" for a sum beyond 64 bits.
class ResultRow final : public Row {
 public:
  /// Shows another result from here on; its memory for texts is kept.
  void show(const PGresult* result);

  int size() const override;
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;

 private:
  std::string_view bytes(int column) const;

  const PGresult* result_ = nullptr;
  mutable std::vector<std::string> texts_;  ///< what text() points into where the bytes are not the text
};

}  // namespace steward::db::postgres
