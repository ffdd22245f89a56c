#include "studio/ledger/payee_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace steward::ledger {
namespace {

constexpr PersonalField kPersonal[] = {
    {"legal_name", &TaxData::legal_name},
    {"address_line1", &TaxData::address_line1},
    {"address_line2", &TaxData::address_line2},
    {"city", &TaxData::city},
    {"state", &TaxData::state},
    {"postal_code", &TaxData::postal_code},
    {"tax_id", &TaxData::tax_id},
};

constexpr std::string_view kWithoutPostalCode =
    "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GM GQ GY HK JM KI KM KN KP LY ML MO MR MW "
    "NR NU QA RW SB SC SL SR SS ST SX SY TD TF TG TK TL TO TT TV UG VU WS YE ZW";

constexpr std::string_view kUnitedStates = "US";
constexpr std::size_t kDigitsInUnitedStates = 9;

std::string flag_of(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', '-');
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::span<const PersonalField> personal_fields() { return kPersonal; }

bool has_no_postal_code(std::string_view country) {
  const auto codes = split(kWithoutPostalCode, ' ');
  return std::ranges::count(codes, country) == 1;
}

std::vector<std::string_view> missing_of(const std::optional<TaxData>& data) {
  const TaxData nobody;
  const auto& known = data ? *data : nobody;
  const auto country = known.country.value_or("");
  std::vector<std::string_view> out;
  const auto ask = [&](std::string_view name, bool there) {
    if (!there) out.push_back(name);
  };
  ask("legal_name", known.legal_name.has_value());
  ask("entity_type", known.entity_type.has_value());
  ask("address_line1", known.address_line1.has_value());
  ask("city", known.city.has_value());
  ask("state", known.state || country != kUnitedStates);
  ask("postal_code", known.postal_code || country.empty() || has_no_postal_code(country));
  ask("country", known.country.has_value());
  ask("tax_id", known.tax_id.has_value());
  return out;
}

TaxDataState state_of(const std::optional<TaxData>& data) {
  if (!data) return TaxDataState::missing;
  return missing_of(data).empty() ? TaxDataState::complete : TaxDataState::incomplete;
}

void require_whole(const TaxData& data) {
  auto missing = missing_of(data);
  std::erase(missing, "tax_id");
  if (missing.empty()) return;
  std::vector<std::string> flags;
  flags.reserve(missing.size());
  for (const auto name : missing) flags.push_back("--" + flag_of(name));
  const bool of_country = missing.front() == "state" || missing.front() == "postal_code";
  throw Error{ErrorKind::usage, "missing_argument",
              of_country
                  ? fmt::format("An address in {} needs {} too.", data.country.value_or(""), join(flags, " and "))
                  : fmt::format("Tax data needs {} too.", join(flags, ", ")),
              "Name what is missing; what is there already stays."}
      .at(flag_of(missing.front()))
      .with(Json{{"missing", Json(Json::Array(missing.begin(), missing.end()))}});
}

std::string checked_tax_id(std::string_view text, std::string_view field) {
  const auto clean = clean_text(text, field, 40, false);
  const auto signs = std::ranges::count_if(clean, [](char c) { return is_digit(c) || is_letter(c); });
  const bool spelled = std::ranges::all_of(clean, [](char c) {
    return is_digit(c) || is_letter(c) || std::string_view(" -./+&").find(c) != std::string_view::npos;
  });
  if (!spelled || signs < 4)
    refuse_usage("invalid_value", "A tax number has four letters or digits or more, and - . / + & and blanks between.",
                 field);
  return to_upper(clean);
}

void require_tax_id_of(std::string_view country, std::string_view tax_id) {
  if (country != kUnitedStates) return;
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(tax_id, is_digit));
  if (digits != kDigitsInUnitedStates || std::ranges::any_of(tax_id, is_letter))
    refuse_usage("invalid_value", "A tax number of the US (SSN, ITIN or EIN) has nine digits.", "tax-id");
}

std::string masked_tax_id(std::string_view tax_id) {
  const auto shown = std::min<std::size_t>(4, tax_id.size() / 2);
  return fmt::format("…{}", tax_id.substr(tax_id.size() - shown));
}

std::vector<std::string> address_lines(const TaxData& data) {
  std::vector<std::string> out;
  const auto say = [&](const std::string& line) {
    if (!line.empty()) out.push_back(line);
  };
  const auto city = data.city.value_or(""), state = data.state.value_or(""), code = data.postal_code.value_or("");
  say(data.address_line1.value_or(""));
  say(data.address_line2.value_or(""));
  if (data.country == kUnitedStates) {
    say(fmt::format("{}, {} {}", city, state, code));
  } else {
    say(code.empty() ? city : fmt::format("{} {}", code, city));
    say(state);
  }
  say(data.country.value_or(""));
  return out;
}

}  // namespace steward::ledger
