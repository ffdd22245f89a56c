#pragma once
#include <span>
#include <string>
#include <string_view>

#include "core/zone.h"
#include "db/tx.h"

namespace steward::ops {

/// One thing the studio can set: its type owns the check, its default holds while nobody set it.
struct SettingSpec {
  enum class Type { text, long_text, email, zone, on_off, days, number, sums, colour, choice };
  std::string_view key;
  Type type;
  std::string_view fallback;
  std::string_view help;
  bool sensitive = false;  ///< encrypted at rest under the key file
  bool personal = false;   ///< may name or reach a person: its value stays out of the audit trail
  bool high_risk = false;  ///< who may do what, and where money goes: a person confirms, an agent proposes
  std::span<const std::string_view> choices = {};  ///< of a choice: the values there are
};

std::span<const SettingSpec> setting_specs();
/// Errors: not_found "unknown_setting" with the nearest keys as hint.
const SettingSpec& setting_spec(std::string_view key);
/// The canonical spelling of a value. Errors: usage, naming the key.
std::string checked_setting(const SettingSpec& spec, std::string_view value);

/// The stored text or the default. For a sensitive key: the ciphertext (see Vault).
std::string setting(db::Tx& tx, std::string_view key);
bool setting_on(db::Tx& tx, std::string_view key);
std::int64_t setting_number(db::Tx& tx, std::string_view key);
/// `studio.timezone`.
Zone studio_zone(db::Tx& tx);

/// Writes a checked value (ciphertext for a sensitive one).
void store_setting(db::Tx& tx, std::string_view key, std::string_view value, bool sensitive);

}  // namespace steward::ops
