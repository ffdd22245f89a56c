#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "support/process.h"

namespace steward::test {

/// Debian's pgbouncer before a PostgreSQL server, in transaction mode and with nothing else set than what its manual
/// asks for: each transaction may meet another process of the server, which is kept for the next. Its socket lies in a
/// folder of its own, that goes with it.
class Pooler {
 public:
  /// `server`: the folder of its socket. Fails the test when pgbouncer ends.
  explicit Pooler(const std::string& server);
  ~Pooler();
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;

  std::string url(std::string_view database) const;

 private:
  std::string file(const std::string& name, const std::string& content) const;

  std::string folder_;
  std::unique_ptr<Running> running_;
};

}  // namespace steward::test
