#pragma once
#include <string>

#include "core/instant.h"

namespace steward {

/// An instant for people: "2026-12-01 23:00Z", in UTC and to the minute. JSON and CSV have to_text().
std::string moment_text(Instant instant);

}  // namespace steward
