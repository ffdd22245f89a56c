#include "ops/settings.h"

#include <fmt/format.h>
#include <set>

#include "core/countries.h"
#include "core/error.h"
#include "core/iban.h"
#include "ops/argument.h"

namespace steward::ops {
namespace {

using Type = SettingSpec::Type;

constexpr std::string_view kTaxData[] = {"optional", "required"};

constexpr SettingSpec kSpecs[] = {
    {"business.address", Type::long_text, "", "Postal address on documents", false, true},
    {"business.colour", Type::colour, "", "Colour of documents, such as #1F3A5F"},
    {"business.country", Type::text, "", "Two letters, ISO 3166"},
    {"business.email", Type::email, "", "Address that clients write to", false, true},
    {"business.iban", Type::text, "", "Account that clients pay into: an IBAN", true, true, true},
    {"business.legal_name", Type::text, "", "Legal name on documents", false, true},
    {"business.logo", Type::text, "", "File of the logo on documents, a PNG; [pdf] logo goes before it"},
    {"business.tax_id", Type::text, "", "Tax number on documents", true, true},
    {"business.terms", Type::long_text, "", "Terms printed under invoices", false, true},
    {"controls.solo", Type::on_off, "off", "The owner of the database file acts without a token in any environment",
     false, false, true},
    {"controls.two_person", Type::on_off, "",
     "A second person must approve what the model says; on in staging and prod unless set", false, false, true},
    {"invoices.next_number", Type::number, "1", "The first number of a year that has none yet"},
    {"invoices.terms_days", Type::days, "30", "Days from issue to due date"},
    {"payouts.minimum", Type::sums, "", "The least that is paid out, a currency each: 50.00 USD, 45.00 EUR", false,
     false, true},
    {"payouts.tax_data", Type::choice, "optional",
     "Whether a payout waits for the payee's tax data (required), or only warns of what is missing (optional)", false,
     false, true, kTaxData},
    {"proposals.valid_days", Type::days, "30", "Days from sending to expiry of a proposal that names none"},
    {"studio.timezone", Type::zone, "UTC", "Zone of document dates, months and today"},
};

constexpr auto kRead = "SELECT value FROM settings WHERE key = $1";
constexpr auto kStore = R"sql(
  INSERT INTO settings (key, value, sensitive, updated_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, sensitive = excluded.sensitive, updated_at = excluded.updated_at
)sql";

std::string on_or_off(std::string_view value) {
  const auto lower = to_lower(value);
  if (lower == "on" || lower == "true" || lower == "yes" || lower == "1") return "on";
  if (lower == "off" || lower == "false" || lower == "no" || lower == "0") return "off";
  refuse_usage("invalid_choice", fmt::format("'{}' is neither on nor off.", value), "value");
}

// "1f3a5f" -> "#1F3A5F"; nothing at all is fine.
std::string checked_colour(std::string_view value) {
  auto digits = trim(value);
  if (digits.starts_with('#')) digits.remove_prefix(1);
  if (digits.empty() && trim(value).empty()) return {};
  if (digits.size() != 6 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
    refuse_usage("invalid_value", fmt::format("'{}' is no colour.", value), "value", "Write it like #1F3A5F.");
  return "#" + to_upper(digits);
}

// "50 usd,45.00 EUR" -> "50.00 USD, 45.00 EUR"; nothing at all is fine.
std::string checked_sums(std::string_view value) {
  std::vector<std::string> sums;
  std::set<std::string> currencies;
  if (trim(value).empty()) return "";
  for (const auto part : split(value, ',')) {
    const auto sum = *ArgumentType<Sum>::parse(part, "value").money;
    if (!currencies.emplace(sum.currency.code()).second)
      refuse_usage("invalid_value", fmt::format("{} is named twice.", sum.currency.code()), "value",
                   "Write each currency once.");
    sums.push_back(to_text(sum));
  }
  return join(sums, ", ");
}

}  // namespace

std::span<const SettingSpec> setting_specs() { return kSpecs; }

const SettingSpec& setting_spec(std::string_view key) {
  std::vector<std::string> keys;
  for (const auto& spec : kSpecs) {
    if (spec.key == key) return spec;
    keys.emplace_back(spec.key);
  }
  const auto near = nearest(key, keys);
  throw Error{
      ErrorKind::not_found, "unknown_setting", fmt::format("There is no setting '{}'.", key),
      near.empty() ? "steward settings list names them all." : fmt::format("Did you mean {}?", join(near, " or "))};
}

std::string checked_setting(const SettingSpec& spec, std::string_view value) {
  switch (spec.type) {
    case Type::text:
      if (spec.key == "business.country") return parse_country(value);
      if (spec.key == "business.iban") return parse_iban(value);
      return clean_text(value, "value", 500, false);
    case Type::long_text:
      return clean_text(value, "value", 4000, true);
    case Type::email:
      return parse_email(value);
    case Type::zone:
      return Zone::parse(value).name();
    case Type::on_off:
      return on_or_off(value);
    case Type::sums:
      return checked_sums(value);
    case Type::colour:
      return checked_colour(value);
    case Type::choice:
      return std::string(spec.choices[choose({"value", spec.choices}, value)]);
    case Type::days:
      return std::to_string(parse_whole(value, 0, 3650));
    default:
      return std::to_string(parse_whole(value, 1, 999'999'999));
  }
}

std::string setting(db::Tx& tx, std::string_view key) {
  if (auto stored = tx.text(kRead, {key})) return std::move(*stored);
  if (key == "controls.two_person")
    return tx.text("SELECT environment FROM db_identity").value_or("local") == "local" ? "off" : "on";
  return std::string(setting_spec(key).fallback);
}

bool setting_on(db::Tx& tx, std::string_view key) { return setting(tx, key) == "on"; }

std::int64_t setting_number(db::Tx& tx, std::string_view key) { return parse_whole(setting(tx, key), 0, 999'999'999); }

Zone studio_zone(db::Tx& tx) { return Zone::parse(setting(tx, "studio.timezone")); }

void store_setting(db::Tx& tx, std::string_view key, std::string_view value, bool sensitive) {
  tx.exec(kStore, {key, value, sensitive, tx.now()});
}

}  // namespace steward::ops
