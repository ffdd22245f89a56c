#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/output.h"
#include "ops/argument.h"

namespace steward::cli {
namespace {

[[noreturn]] void cannot_print(int error) {
  const auto sentence = fmt::format("Standard output can't be written: {}.", std::strerror(error));
  throw Error{ErrorKind::temporary, error == ENOSPC ? "disk_full" : "io_error", sentence,
              "What the command did is done; only its answer is lost."};
}

std::size_t columns_variable() {
  const char* columns = std::getenv("COLUMNS");
  return columns ? std::strtoul(columns, nullptr, 10) : 0;
}

}  // namespace

void Stdout::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const auto written = ::write(1, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      buffer_.clear();
      if (error == EPIPE) ::_exit(0);
      cannot_print(error);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

Screen look_at_screen(bool no_color) {
  Screen out;
  out.terminal = ::isatty(1) == 1;
  const char* term = std::getenv("TERM");
  out.color = out.terminal && !no_color && !std::getenv("NO_COLOR") && term && std::strcmp(term, "dumb") != 0;
  winsize size{};
  if (out.terminal && ::ioctl(1, TIOCGWINSZ, &size) == 0) {
    out.width = size.ws_col ? size.ws_col : columns_variable();
    if (size.ws_row) out.height = size.ws_row;
  }
  if (out.terminal && out.width == 0) out.width = 80;
  return out;
}

}  // namespace steward::cli
