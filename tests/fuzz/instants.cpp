// Text to instants, dates and durations: what is accepted reads back as itself.
#include "check.h"
#include "core/error.h"
#include "core/instant.h"

using namespace steward;

namespace {

template <class Act>
void refused_or(Act act) {
  try {
    act();
  } catch (const Error& error) {
    must(error.kind() == ErrorKind::usage);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Zone zones[] = {Zone(), Zone::parse("Europe/Paris"), Zone::parse("Australia/Lord_Howe")};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  refused_or([&] {
    const auto at = parse_instant(text);
    must(read_stored_instant(to_text(at)) == at);
    must(parse_instant(to_text(at)) == at);
    for (const auto& zone : zones) must(start_of(date_in(zone, at), zone) <= at);
  });
  refused_or([&] {
    const auto date = parse_date(text);
    must(parse_date(to_text(date)) == date);
  });
  refused_or([&] {
    const auto span = parse_duration(text);
    must(parse_duration(to_text(span)) == span);
  });
  for (const auto& zone : zones)
    refused_or([&] { must(read_stored_instant(to_text(parse_local(text, zone))).has_value()); });
  refused_or([&] { Zone::parse(text); });
  if (const auto stored = read_stored_instant(text)) must(to_text(*stored) == text);
  return 0;
}
