#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ops/listing.h"
#include "ops/settings.h"

namespace steward::settings {

/// What a sensitive value is shown as where it must not be read.
inline constexpr std::string_view kHidden = "(set)";

std::span<const ops::Column> columns();
/// Every setting there is, whether somebody set it or not, by key.
ops::Listing list_settings(db::Tx& tx);
Json record_of(db::Tx& tx, const ops::SettingSpec& spec);
/// What is stored (ciphertext for a sensitive key); nullopt where nobody set it.
std::optional<std::string> stored(db::Tx& tx, std::string_view key);
void erase(db::Tx& tx, std::string_view key);

}  // namespace steward::settings
