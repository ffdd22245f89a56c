#pragma once
#include <span>
#include <string_view>

namespace steward::agenda {

/// One kind of thing that can wait. `sql` counts it and names the first handle; its placeholders are {now}, {today},
/// {soon} (a week from now) and {stale} (a week ago).
struct Item {
  std::string_view key;
  std::string_view what;     ///< "inquiry to triage"
  std::string_view plural;   ///< "inquiries to triage"
  std::string_view command;  ///< can be typed as it stands; {} is the first one's handle, {today} and {total} are texts
  std::string_view sql;      ///< selects count(*), min(handle)
  std::string_view total_sql = {};  ///< selects amount_cents, currency of the record $1, for {total}
};

std::span<const Item> items();

}  // namespace steward::agenda
