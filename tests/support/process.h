#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace steward::test {

/// Variables for a child process; nullopt takes one away.
using Variables = std::map<std::string, std::optional<std::string>>;

/// A program that has ended.
struct Process {
  int exit = -1;    ///< its exit code, or 128 + the signal that ended it (137: it was ended after the time limit)
  std::string out;  ///< all it wrote to standard output
  std::string err;  ///< and to standard error

  /// Standard output as one JSON value; fails the test when it is anything else.
  Json json() const;
  /// The code of the first error of the envelope on standard output; "" when it has none.
  std::string error_code() const;
};

/// What to start; words are handed over as they are, through no shell.
struct Command {
  std::string program;                             ///< a path, or a name to look up in PATH
  std::vector<std::string> words;                  ///< without the program's own name
  std::map<std::string, std::string> environment;  ///< all of it
  std::string folder;                              ///< where it runs; empty: here
  std::string input;                               ///< its standard input
  std::optional<int> out;  ///< its standard output goes to this descriptor instead of Process::out
  std::chrono::milliseconds limit{60'000};
};

/// A program that runs. Its output goes to unnamed files, so many may run at once and none waits for its reader.
class Running {
 public:
  explicit Running(const Command& command);
  ~Running();
  Running(Running&& other) noexcept;
  Running& operator=(Running&&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool ended();
  /// Waits for its end.
  Process finish();

 private:
  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  std::chrono::steady_clock::time_point until_;
  std::optional<int> status_;
};

/// Starts it and waits.
Process run_process(const Command& command);

/// Runs it on a terminal of that width with `typed` as what a person types; out holds all that the terminal showed,
/// with line feeds as single characters.
Process run_on_terminal(const Command& command, const std::string& typed, int columns = 80);

/// Runs `body(i)` in `count` processes of their own at once and answers their exit codes; what escapes as an exception
/// is exit 99. The body may not use Catch's macros: what they find would be lost with the process.
std::vector<int> in_processes(int count, const std::function<int(int)>& body);

}  // namespace steward::test
