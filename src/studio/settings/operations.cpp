#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "studio/closing/closing.h"
#include "studio/identity/identity.h"
#include "studio/settings/rows.h"
#include "studio/settings/settings.h"

namespace steward::settings {
namespace {

/// The name of a setting; which there are is asked with the rights to know it.
struct SettingKey {
  std::string value;
};

}  // namespace
}  // namespace steward::settings

template <>
struct steward::ops::ArgumentType<steward::settings::SettingKey> {
  static TypeInfo info() { return {"SETTING", "at most 100 characters"}; }
  static settings::SettingKey parse(std::string_view text, std::string_view field) {
    return {clean_text(text, field, 100, false)};
  }
};

namespace steward::settings {
namespace {

struct ListArgs {
  std::optional<ops::Text<200>> search;
};

ops::Listing list(ops::Context& context, const ListArgs& args) {
  auto listing = list_settings(context.tx);
  if (args.search) listing.search(args.search->value, {"s.key", "s.help"});
  return listing;
}

struct KeyArgs {
  SettingKey key;
};

ops::Place place_of(const ops::SettingSpec& spec) { return {"settings", "value", spec.key}; }

Json show(ops::Context& context, const KeyArgs& args) {
  const auto& spec = ops::setting_spec(to_lower(args.key.value));
  auto record = record_of(context.tx, spec);
  if (spec.sensitive && context.actor.is_person() && stored(context.tx, spec.key))
    record.set("value", in_clear(context, spec.key));
  return record;
}

struct SetArgs {
  SettingKey key;
  ops::LongText<4000> value;
};

// Whether there is such a setting is told with the rights to know it; what is no value of one is told first.
void check_set(const SetArgs& args) {
  for (const auto& spec : ops::setting_specs())
    if (spec.key == to_lower(args.key.value)) ops::checked_setting(spec, args.value.value);
}

bool may_be_told(const ops::SettingSpec& spec) { return !spec.sensitive && !spec.personal; }

// ST-1, AU-4: before and after; of what is sensitive or about a person, only whether there is something.
Json audited(const ops::SettingSpec& spec, std::string_view value) {
  return Json{{"value", may_be_told(spec) || value.empty() ? value : "[redacted]"}};
}

// Contract 6: nobody frees themselves from the second person alone, as long as there is one who could be it. In local
// the person at the shell is everybody.
bool frees_from_control(ops::Context& context, const ops::SettingSpec& spec, const std::string& value) {
  const bool frees =
      (spec.key == "controls.two_person" && value == "off") || (spec.key == "controls.solo" && value == "on");
  return frees && ops::environment_of(context.tx, context.house) != "local" &&
         identity::has_other_administrator(context.tx, context.actor.user_id);
}

ops::Gravity gravity_of(ops::Context& context, const ops::SettingSpec& spec, const std::string& value) {
  if (frees_from_control(context, spec, value)) return ops::Gravity::second_person;
  return spec.high_risk ? ops::Gravity::high : ops::Gravity::declared;
}

ops::Change change_of(ops::Context& context, const ops::SettingSpec& spec, std::string_view before,
                      std::string sentence) {
  ops::Change change;
  change.target_type = "setting";
  change.target_id = spec.key;
  change.sentence = std::move(sentence);
  change.data = record_of(context.tx, spec);
  change.metadata = Json{{"before", audited(spec, before)}, {"after", audited(spec, change.data.at("value").text())}};
  change.gravity = gravity_of(context, spec, change.data.at("value").text());
  return change;
}

// The days of the books are those of this zone, so that another would move what is closed.
void require_days_stay(db::Tx& tx, const ops::SettingSpec& spec, std::string_view value) {
  if (spec.key != "studio.timezone" || ops::setting(tx, spec.key) == value) return;
  const auto until = closing::closed_until(tx);
  if (!until) return;
  throw Error{ErrorKind::conflict, "books_closed",
              fmt::format("The books are closed until {} by the days of {}: another zone would move what is closed.",
                          to_text(*until), ops::setting(tx, spec.key)),
              "The zone stays as it was when the books were first closed."}
      .at("value")
      .with(Json{{"until_date", to_text(*until)}});
}

// A request that waits would hold the value in the clear.
void require_person_for(const ops::Context& context, const ops::SettingSpec& spec) {
  if (!spec.sensitive || context.actor.is_person()) return;
  throw Error{ErrorKind::permission, "forbidden", fmt::format("Only a person sets {}: it is sensitive.", spec.key),
              "A person runs it at the shell."};
}

bool holds(ops::Context& context, const ops::SettingSpec& spec, const std::string& value) {
  const auto now = stored(context.tx, spec.key);
  if (!now || !spec.sensitive) return now == value;
  try {
    return context.vault.open(*now, place_of(spec)) == value;
  } catch (const Error& error) {
    if (error.code() != "wrong_key") throw;
    return false;  // what nobody can read any more is overwritten
  }
}

ops::Change set(ops::Context& context, const SetArgs& args) {
  const auto& spec = ops::setting_spec(to_lower(args.key.value));
  require_person_for(context, spec);
  const auto value = ops::checked_setting(spec, args.value.value);
  if (holds(context, spec, value))
    return ops::Change::none("setting", std::string(spec.key), fmt::format("{} is so already.", spec.key),
                             record_of(context.tx, spec));
  require_days_stay(context.tx, spec, value);
  const auto before = ops::setting(context.tx, spec.key);
  ops::store_setting(context.tx, spec.key, spec.sensitive ? context.vault.seal(value, place_of(spec)) : value,
                     spec.sensitive);
  return change_of(
      context, spec, before,
      may_be_told(spec) ? fmt::format("Set {} to {}.", spec.key, value) : fmt::format("Set {}.", spec.key));
}

ops::Change reset(ops::Context& context, const KeyArgs& args) {
  const auto& spec = ops::setting_spec(to_lower(args.key.value));
  const auto now = stored(context.tx, spec.key);
  if (!now)
    return ops::Change::none("setting", std::string(spec.key), fmt::format("{} is at its default already.", spec.key),
                             record_of(context.tx, spec));
  require_days_stay(context.tx, spec, spec.fallback);
  erase(context.tx, spec.key);
  return change_of(context, spec, *now, fmt::format("Put {} back to its default.", spec.key));
}

}  // namespace

std::string in_clear(ops::Context& context, std::string_view key) {
  const auto& spec = ops::setting_spec(key);
  if (!spec.sensitive) return ops::setting(context.tx, key);
  const auto sealed = stored(context.tx, key);
  return sealed ? context.vault.open(*sealed, place_of(spec)) : std::string(spec.fallback);
}

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("settings.list", "List every setting with its value")
                   .option("search", &ListArgs::search, "Text in the key or its help")
                   .needs("settings:read")
                   .example("steward settings list")
                   .lists(list, columns()));
  registry.add(ops::declare<KeyArgs>("settings.show", "Show one setting")
                   .positional("key", &KeyArgs::key, "Such as studio.timezone")
                   .details("A person sees a sensitive value in the clear; an agent or a job sees (set).")
                   .needs("settings:read")
                   .example("steward settings show studio.timezone")
                   .returns(columns())
                   .shows(show));
  registry.add(ops::declare<SetArgs>("settings.set", "Set a setting")
                   .positional("key", &SetArgs::key, "Such as studio.timezone")
                   .positional("value", &SetArgs::value, "Checked by the setting's type")
                   .details("A person confirms changes of controls.* and of the account that clients pay into. While "
                            "controls.two_person is on, another person approves switching it off, and switching "
                            "controls.solo on, outside local and unless there is no other administrator.")
                   .check(check_set)
                   .needs("settings:write")
                   .may_escalate()
                   .example("steward settings set invoices.terms_days 14")
                   .returns(columns())
                   .writes(set));
  registry.add(ops::declare<KeyArgs>("settings.reset", "Put a setting back to its default")
                   .positional("key", &KeyArgs::key, "Such as studio.timezone")
                   .needs("settings:write")
                   .may_escalate()
                   .example("steward settings reset invoices.terms_days")
                   .returns(columns())
                   .writes(reset));
}

}  // namespace steward::settings
