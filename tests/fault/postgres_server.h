#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/sandbox.h"

namespace steward::test {

/// A PostgreSQL server of a test's own, to be killed, frozen, filled up and promoted: the one that tests share
/// is not for that. Its files and its Unix socket lie in a folder of its own in /tmp; both go with it, and it goes with
/// the test's process however that ends.
class PostgresServer {
 public:
  /// Makes the files of a server, and starts none. `settings` are like "max_connections=20".
  explicit PostgresServer(std::vector<std::string> settings = {});
  /// The same as a streaming copy of a server that runs.
  static std::unique_ptr<PostgresServer> standby_of(const PostgresServer& primary, const std::string& name);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// From the next start on it speaks another language than English, by gettext's name ("de"): its lc_messages must be
  /// any locale but C itself.
  void speak(const std::string& language) { language_ = language; }
  /// Starts it, with these settings beside its own, and waits until it takes connections.
  void start(const std::vector<std::string>& settings = {});
  /// Fast: whoever is connected is thrown out.
  void stop();
  /// SIGKILL to the postmaster and to every process under it, at once.
  void kill();
  /// A standby becomes the primary.
  void promote();
  void signal(int number) const;  ///< to the postmaster and every process under it
  std::vector<pid_t> processes() const;
  /// One of its programs, run as its user, waited for.
  Process run(const std::string& program, std::vector<std::string> words) const;

  const std::string& folder() const { return folder_; }
  std::string data() const { return folder_ + "/data"; }
  std::string url(const std::string& database = "steward", const std::string& options = {}) const;
  /// The rows of a statement, a line each, through psql; fails the test when it is refused.
  std::string sql(const std::string& statements, const std::string& database = "steward") const;
  /// A session that runs these statements and goes on holding what they took until it is ended.
  Running hold(const std::string& statements) const;

 private:
  struct Unmade {};
  explicit PostgresServer(Unmade);
  std::string folder_;
  std::vector<std::string> settings_;
  std::string language_;
  std::unique_ptr<Running> postmaster_;
};

/// Asks until it is so; fails the test when it has not come to be within a minute.
void wait_until(const std::function<bool()>& so);

/// Makes steward's database on it, and points the sandbox there.
void settle_on(const PostgresServer& server, Sandbox& box);

/// An invoice that waits for that much money; answers its number. Through the binary.
std::string issued_on_server(const Sandbox& box, const std::string& amount);

/// The words of a payment named `name`, under its name as key.
std::vector<std::string> payment(const std::string& invoice, const std::string& name,
                                 const std::string& amount = "1.00");

/// The chain, the books and the database are sound, and every payment has its audit row, its key and its share.
void require_whole_on(const PostgresServer& server, const Sandbox& box);

}  // namespace steward::test
