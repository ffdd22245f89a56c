#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "db/connection.h"
#include "support/postgres_session.h"

namespace steward::test {

/// What the sandboxes of this process live on: SQLite, or PostgreSQL with STEWARD_TEST_ENGINE=postgres.
db::Engine engine();
inline bool on_postgres() { return engine() == db::Engine::postgres; }

/// The PostgreSQL server that the sandboxes live on. Under ctest it is one for the whole run: the fixture
/// (tests/support/postgres_fixture.cpp) starts it for ctest's own process, by whose number its tests find it, so that
/// two runs never meet. A test binary that is run by hand starts one for itself on first use. Either goes with its
/// owner (keeper.h).
class Postgres {
 public:
  static Postgres& server();

  /// Where the socket lies, and what belongs to the templates.
  const std::string& folder() const { return folder_; }
  /// Of a database on it; `postgres` is the server's own.
  std::string url(std::string_view database = "postgres") const;

  /// Makes a database as a copy of `source` and answers its name, which nobody else has.
  std::string create(std::string_view source = "template0");
  /// Drops it, whoever is still connected.
  void drop(std::string_view database);
  /// Sees to it that there is a database `name` that `make(url)` filled: by the first process that asks, for all.
  void require_template(const std::string& name, const std::function<void(const std::string& url)>& make);

 private:
  Postgres();
  ~Postgres();
  PostgresSession& session();

  std::string folder_;
  bool own_ = false;
  std::unique_ptr<PostgresSession> session_;
};

/// For the fixture: starts and stops the server of the ctest that runs this process.
void start_shared_server();
void stop_shared_server();

}  // namespace steward::test
