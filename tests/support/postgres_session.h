#pragma once
#include <memory>
#include <string>
#include <vector>

namespace steward::test {

/// One session with a PostgreSQL server, over plain libpq, so that what the engine makes of an answer is not what holds
/// it to the rules.
class PostgresSession {
 public:
  /// `where` is a connection string or a URL.
  explicit PostgresSession(const std::string& where);
  /// One with the tests' server, in an empty schema of its own which goes with the session: in a transaction that is
  /// never committed.
  static PostgresSession in_scratch();

  /// Runs statements as they stand; throws std::runtime_error with the server's own message.
  void script(const std::string& statements);
  /// The rows of one query, each cell as text, NULL as "".
  std::vector<std::vector<std::string>> rows(const std::string& query);
  /// The message that the statements are refused with, and "" when they are not; in a transaction. They are undone.
  std::string refusal(const std::string& statements);

 private:
  struct Closer {
    void operator()(void* connection) const;
  };
  std::unique_ptr<void, Closer> connection_;
};

}  // namespace steward::test
