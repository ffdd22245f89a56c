#include "cli/progress.h"

#include <fmt/format.h>

#include "cli/diagnostics.h"

namespace steward::cli {

void Progress::say(const std::string& line) {
  using namespace std::chrono_literals;
  const auto now = std::chrono::steady_clock::now();
  if (now - start_ < 500ms || now - last_ < 100ms) return;
  last_ = now;
  shown_ = true;
  diagnose(fmt::format("\r\x1b[K{}", line));
}

Progress::~Progress() {
  if (shown_) diagnose("\r\x1b[K");
}

}  // namespace steward::cli
