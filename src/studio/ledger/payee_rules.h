#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/enums.h"

namespace steward::ledger {

/// What somebody is to a tax office.
enum class EntityType { individual, sole_proprietor, llc, s_corp, c_corp, company, other };
inline constexpr std::array<std::string_view, 7> kEntityTypeNames{"INDIVIDUAL", "SOLE_PROPRIETOR", "LLC",  "S_CORP",
                                                                  "C_CORP",     "COMPANY",         "OTHER"};
constexpr EnumNames names_of(EntityType) { return {"entity type", kEntityTypeNames}; }

/// How much of somebody's tax data there is: none, all but a part, or all that a payout asks for.
enum class TaxDataState { missing, incomplete, complete };
inline constexpr std::array<std::string_view, 3> kTaxDataStateNames{"MISSING", "INCOMPLETE", "COMPLETE"};
constexpr EnumNames names_of(TaxDataState) { return {"tax data", kTaxDataStateNames}; }

/// Whom payouts are made to, for a tax office. Text is cleaned already, and never empty.
struct TaxData {
  std::optional<EntityType> entity_type;
  std::optional<std::string> country;  ///< ISO 3166-1 alpha-2
  // Personal: encrypted at rest, and in no trail, history or log.
  std::optional<std::string> legal_name, address_line1, address_line2, city, state, postal_code, tax_id;
};

/// One of the personal columns.
struct PersonalField {
  std::string_view name;  ///< as in the model
  std::optional<std::string> TaxData::*member;
};
std::span<const PersonalField> personal_fields();

/// Whether an address there has no postal code (Universal Postal Union).
bool has_no_postal_code(std::string_view country);

/// Names of what a payout's tax data lacks, in the order of the columns: a state is asked for in the US only, a postal
/// code where there are any. Of nobody's data all but those two. Looks at what is there only, not at what it says, so
/// the personal fields may be ciphertexts.
std::vector<std::string_view> missing_of(const std::optional<TaxData>& data);
TaxDataState state_of(const std::optional<TaxData>& data);

/// What may be kept is all but the tax number: it may come later. Errors: usage "missing_argument", at the first flag.
void require_whole(const TaxData& data);

/// Letters, digits and what stands between them, in upper case. Errors: usage "invalid_value", without the number.
std::string checked_tax_id(std::string_view text, std::string_view field);
/// A number of the US has nine digits. Errors: as checked_tax_id.
void require_tax_id_of(std::string_view country, std::string_view tax_id);
/// "…6789": its last four, or fewer of a short one; never more than half of it.
std::string masked_tax_id(std::string_view tax_id);

/// The lines of the address as they are printed: "12 Main St", "Springfield, IL 62701", "US".
std::vector<std::string> address_lines(const TaxData& data);

}  // namespace steward::ledger
