#pragma once
#include <chrono>
#include <string>

namespace steward::cli {

/// Says on standard error what is going on, on a terminal only and not before half a second has passed. The line is
/// wiped at the end.
class Progress {
 public:
  ~Progress();
  void say(const std::string& line);

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_{};
  bool shown_ = false;
};

}  // namespace steward::cli
