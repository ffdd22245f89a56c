#include "studio/settings/rows.h"

#include <fmt/format.h>

namespace steward::settings {
namespace {

constexpr auto kStored = "SELECT value FROM settings WHERE key = $1";
constexpr auto kErase = "DELETE FROM settings WHERE key = $1";

constexpr std::string_view kValue =
    "CASE WHEN v.key IS NULL THEN s.default_value WHEN s.sensitive = 1 THEN '(set)' ELSE v.value END";

using ops::Kind;
using ops::Shown;
constexpr ops::Column kColumns[] = {
    {"key", "s.key"},
    {"value", kValue},
    {"set", "CASE WHEN v.key IS NULL THEN 0 ELSE 1 END", Kind::boolean, Shown::always, "false: it is the default"},
    {"default_value", "s.default_value", Kind::text, Shown::record},
    {"sensitive", "s.sensitive", Kind::boolean, Shown::record, "Encrypted at rest; a list shows (set)"},
    {"help", "s.help"},
    {"updated_at", "v.updated_at", Kind::instant, Shown::record},
};

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

// controls.two_person is the one whose default depends on the database.
std::string default_of(db::Tx& tx, const ops::SettingSpec& spec) {
  if (spec.key == "controls.two_person" && !stored(tx, spec.key)) return ops::setting(tx, spec.key);
  return std::string(spec.fallback);
}

// The settings there are, as a table: constants of the program, none of it a caller's text.
std::string specs_table(db::Tx& tx) {
  std::string out;
  for (const auto& spec : ops::setting_specs())
    out += fmt::format("{}SELECT {} AS key, {} AS default_value, {} AS sensitive, {} AS help",
                       out.empty() ? "" : " UNION ALL ", quoted(spec.key), quoted(default_of(tx, spec)),
                       spec.sensitive ? 1 : 0, quoted(spec.help));
  return out;
}

}  // namespace

std::span<const ops::Column> columns() { return kColumns; }

ops::Listing list_settings(db::Tx& tx) {
  return ops::Listing(kColumns, fmt::format("({}) s LEFT JOIN settings v ON v.key = s.key", specs_table(tx)))
      .key("s.key", false);
}

Json record_of(db::Tx& tx, const ops::SettingSpec& spec) {
  return list_settings(tx).where("s.key = {}", {spec.key}).record(tx);
}

std::optional<std::string> stored(db::Tx& tx, std::string_view key) { return tx.text(kStored, {key}); }

void erase(db::Tx& tx, std::string_view key) { tx.exec(kErase, {key}); }

}  // namespace steward::settings
