#include "db/postgres/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/error.h"
#include "db/open.h"
#include "db/postgres/client.h"
#include "db/postgres/engine.h"
#include "db/tx.h"

namespace steward::db::postgres {
namespace {

/// What is restored aside for one purpose: the start of its database's name, and the second number of the lock that is
/// held meanwhile, so that two at once don't share it (the first is "stwd").
struct Purpose {
  const char* name;
  int lock;
  const char* busy;
};
Purpose purpose_of(Aside aside) {
  if (aside == Aside::proof) return {"steward_verify_", 3, "Another backup of this database is being proven."};
  return {"steward_restore_", 4, "Another restore of this database is under way."};
}
constexpr auto kOneAtATime = "SELECT pg_catalog.pg_try_advisory_lock(1937012580, {})";
constexpr auto kOwnNumber = "SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()";

std::string one_text(Connection& connection, std::string_view query) {
  std::string out;
  connection.each(query, {}, [&](const Row& row) {
    out = row.str(0);
    return false;
  });
  return out;
}

// pg_dump keeps the mode of a file that is there.
void make_private(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw Error{ErrorKind::precondition, "file_unwritable", fmt::format("{} can't be made.", file),
                "Name a place that can be written."};
  ::close(descriptor);
}

/// A database of its own on the source's server, named after the source's: what a killed one left is found again and
/// goes first.
class ScratchDatabase final : public RestoredCopy {
 public:
  ScratchDatabase(Connection& source, const std::string& file, const Purpose& purpose)
      : place_(Place::of(source)), lock_(purpose.lock) {
    administration_ = open(url_of(source), {Access::write, true});
    if (one_text(*administration_, fmt::format(kOneAtATime, purpose.lock)) != "1")
      throw Error{ErrorKind::temporary, "database_locked", purpose.busy, "Try again when it is done."};
    name_ = purpose.name + one_text(*administration_, kOwnNumber);
    drop();
    try {
      make();
      fill(file);
    } catch (...) {
      leave();
      throw;
    }
  }
  ~ScratchDatabase() override { leave(); }
  Connection& connection() override { return *connection_; }

 private:
  void drop() { administration_->script(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_)); }
  void leave() noexcept {
    connection_.reset();
    try {
      drop();
      // The server ends a session some time after its client did, and the next copy may come at once.
      administration_->script(fmt::format("SELECT pg_catalog.pg_advisory_unlock(1937012580, {})", lock_));
    } catch (const std::exception&) {  // the next backup finds it by its name
    }
  }
  void make() {
    try {
      administration_->script(fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name_));
    } catch (const Error& error) {
      if (error.code() != "database_refused") throw;
      throw Error{ErrorKind::precondition, "database_refused",
                  "A backup is restored into a database of its own before it counts, and this role may make none.",
                  "Run it as a role with CREATEDB that may read every table, such as the owner."};
    }
  }
  void fill(const std::string& file) {
    const auto scratch = place_.in_database(name_);
    run_client("pg_restore",
               {"--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password",
                "--dbname=" + scratch.conninfo(), file},
               place_.password());
    connection_ = open(scratch.url(), {});
  }

  Place place_;
  int lock_;
  std::string name_;
  std::unique_ptr<Connection> administration_, connection_;
};

}  // namespace

void copy_to_file(Connection& source, const std::string& file) {
  const auto snapshot = one_text(source, "SELECT pg_catalog.pg_export_snapshot()");
  const auto place = Place::of(source);
  make_private(file);
  run_client("pg_dump",
             {"--format=custom", "--snapshot=" + snapshot, "--no-owner", "--no-privileges", "--no-password",
              "--file=" + file, "--dbname=" + place.conninfo()},
             place.password());
}

std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file, Aside purpose) {
  return std::make_unique<ScratchDatabase>(source, file, purpose_of(purpose));
}

void change_copy(RestoredCopy& restored, const std::string& file, const std::function<void(Connection&)>& change) {
  change(restored.connection());
  ::unlink(file.c_str());
  const Tx tx(restored.connection(), Access::read, {});
  postgres::copy_to_file(restored.connection(), file);
}

}  // namespace steward::db::postgres
