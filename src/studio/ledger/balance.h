#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/enums.h"

namespace steward::ledger {

/// What a row of the balance stands for, beside its currency and status.
enum class By { beneficiary, type, month };
inline constexpr std::array<std::string_view, 3> kByNames{"BENEFICIARY", "TYPE", "MONTH"};
constexpr EnumNames names_of(By) { return {"grouping", kByNames}; }

/// What the balance is read FROM: `s` has a row a group, currency and status. It reads the entries from the index
/// ledger_entries_balance alone and in its order.
std::string balance_source(By by);

}  // namespace steward::ledger
