#include "ops/context.h"

#include <algorithm>
#include <iterator>

#include "ops/settings.h"
#include "ops/settle.h"

namespace steward::ops {

const Zone& Context::zone() {
  if (!zone_cache) zone_cache = studio_zone(tx);
  return *zone_cache;
}

Date Context::resolve(const DateOrSpan& when) {
  if (when.date) return *when.date;
  constexpr std::int64_t kDay = 24LL * 3600 * 1000;
  if (when.span.ms % kDay == 0) return today() + std::chrono::days{when.span.ms / kDay};
  return date_in(zone(), now() + when.span);
}

Instant Context::resolve(const InstantOrSpan& when, const std::optional<Zone>& in) {
  const std::string_view text = when.text;
  if (text.front() == '+' || text.find('-') == std::string_view::npos) return now() + parse_duration(text);
  if (text.size() == 10) return start_of(parse_date(text), in ? *in : zone());
  if (text.ends_with('Z') || text.ends_with('z') || text.find_last_of("+-") > 10) return parse_instant(text);
  return parse_local(text, in ? *in : zone());
}

bool Context::two_person() {
  if (setting_on(tx, "controls.two_person")) return true;
  two_person_waived = true;
  return false;
}

Change Context::run_nested(const Operation& nested, const RawArgs& raw, const Json& metadata) {
  const auto args = parse_args(nested, raw);
  Context inner{tx, house, nested, request, actor, vault, zone_cache, false};
  const bool two_people = two_person_before(tx, nested);
  auto change = nested.write(inner, args.get());
  settle(inner, change, two_people);
  for (const auto& [name, value] : metadata.members()) change.metadata.set(name, value);
  if (change.changed) audit(inner, change);
  std::ranges::move(inner.files, std::back_inserter(files));
  return change;
}

}  // namespace steward::ops
