#include "cli/diagnostics.h"

#include <unistd.h>

#include <cerrno>

namespace steward::cli {

void diagnose(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(2, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace steward::cli
