#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/globals.h"
#include "core/error.h"
#include "ops/context.h"
#include "ops/listing.h"

namespace steward::cli {

/// Standard output in pieces of 64 KiB; what a reader no longer wants (SIGPIPE) ends the process quietly. Whoever
/// writes flushes at the end: what is left in the buffer is lost.
class Stdout {
 public:
  std::string& buffer() { return buffer_; }
  void write(std::string_view text) {
    buffer_ += text;
    spill();
  }
  /// Writes when enough has gathered.
  void spill() {
    if (buffer_.size() >= 65536) flush();
  }
  /// Errors: temporary "disk_full" when standard output is a file on a full disk; "io_error".
  void flush();

 private:
  std::string buffer_;
};

/// What the terminal can show.
struct Screen {
  bool terminal = false;  ///< standard output is one
  bool color = false;
  std::size_t width = 0;  ///< columns; 0: unlimited
  std::size_t height = 24;
};
Screen look_at_screen(bool no_color);

/// How one invocation's results leave: a renderer a format.
class Renderer : public ops::ListSink {
 public:
  /// A record, a report or a write's outcome.
  virtual void answer(const ops::Answer& answer) = 0;
  /// A list that streamed is complete.
  virtual void listed(const ops::Answer& answer) = 0;
  /// A failure, before or after rows were printed.
  virtual void failed(const Error& error) = 0;

  /// Of several subjects: the next answer or failure is about this one, and there may be more.
  virtual void about(const std::string& /*subject*/) {}
  virtual void told_all() {}
};

struct RenderOptions {
  std::string command;  ///< "invoices.issue"
  std::string request_id;
  const ops::House* house;
  Screen screen;
  bool quiet = false;
};

std::unique_ptr<Renderer> make_renderer(Output output, RenderOptions options, Stdout& out);

/// The envelope of docs/contract.md, 3 without its rows.
Json json_of(const Error& error);
Json json_of(const ops::Warning& warning);
Json json_of(const std::vector<ops::Warning>& warnings);

/// Error and hint, on standard error, as a person reads them.
void print_error(const Error& error, std::string_view request_id);

}  // namespace steward::cli
