#include "db/value.h"

#include <cstring>

namespace steward::db {

// `integer_` marks text that lies in stamp_ instead of in the caller's memory.
Value::Value(Date date) : type_(Type::text), integer_(1) {
  const auto text = to_text(date);
  std::memcpy(stamp_, text.data(), 10);
}

}  // namespace steward::db
