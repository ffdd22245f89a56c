#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/instant.h"

namespace steward::taxes {

/// How a sale is taxed: at a rate, not at all, or by the buyer, who owes it instead of the studio.
enum class Treatment { standard, exempt, reverse_charge };
inline constexpr std::array<std::string_view, 3> kTreatmentNames{"STANDARD", "EXEMPT", "REVERSE_CHARGE"};
constexpr EnumNames names_of(Treatment) { return {"treatment", kTreatmentNames}; }

/// A code as it is stored: upper case; letters, digits, - and _; at most 20. Errors: usage "invalid_tax_code".
std::string parse_code(std::string_view text);

/// Only what is taxed at a rate has one. Errors: usage "out_of_range", naming "rate-bp".
void require_rate(Treatment treatment, int rate_bp);

}  // namespace steward::taxes
