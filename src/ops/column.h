#pragma once
#include <string>
#include <string_view>

#include "core/json.h"
#include "db/connection.h"

namespace steward::ops {

/// How a column's value is shown: JSON keeps integers and booleans, a table right-aligns money.
enum class Kind {
  text,
  integer,
  boolean,
  money,  ///< a *_cents integer; JSON carries a decimal `*` beside it, by the record's `currency` column
  instant,
  date,
  json,  ///< canonical JSON text, shown as JSON
};

/// Where a column is seen when --columns does not say.
enum class Shown {
  always,  ///< in a table too
  record,  ///< in JSON, CSV and `show`; a table would get too wide
};

/// One column of a room's records; `list`, `show` and every write's answer are made from the same array of them.
struct Column {
  std::string_view name;      ///< as in the model: "amount_cents"
  std::string_view sql = {};  ///< "i.amount_cents"; empty: the name itself
  Kind kind = Kind::text;
  Shown shown = Shown::always;
  std::string_view help = {};
  std::string_view currency = "currency";  ///< for money: the column that names its currency
};

/// "amount_cents" -> "amount": the name under which the decimal text stands.
std::string_view decimal_name(std::string_view money_column);

}  // namespace steward::ops
