#include "core/moment.h"

namespace steward {

std::string moment_text(Instant instant) {
  const auto text = to_text(instant);
  return text.substr(0, 10) + " " + text.substr(11, 5) + "Z";
}

}  // namespace steward
