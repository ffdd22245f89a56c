#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "db/backup.h"
#include "db/manifest.h"
#include "ops/context.h"

namespace steward::database {

/// What was in a restored database's place.
struct Kept {
  std::string file;  ///< empty: nothing was
  bool verified = false;
  std::optional<db::Manifest> manifest;  ///< nullopt where it could not be counted
};

/// The database that a restore replaces, whatever state it is in. Until the replacement commits nothing of it changes;
/// what was set aside or made for it is undone when the scope ends without settle().
class Target {
 public:
  enum class State {
    missing,  ///< no file, or a server's database with nothing in it
    blank,    ///< one that init did not finish
    whole,
    damaged,    ///< a file that opens, and can't be read
    unopenable  ///< a file that doesn't even open
  };

  /// Errors: precondition "foreign_database" for what is another program's; "database_read_only"; on a server also
  /// "no_database", "database_refused" for a role that does not own the tables, and those of
  /// db::require_current_schema.
  static std::unique_ptr<Target> of(const ops::House& house);
  virtual ~Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  State state() const { return state_; }
  /// For messages: its path or URL.
  std::string name() const { return house_.url.display(); }
  /// nullopt where none can be read.
  const std::optional<std::string>& environment() const { return environment_; }
  /// nullopt for what can't be counted; counted once.
  const std::optional<db::Manifest>& manifest();
  /// Where it is whole, and on a server always.
  db::Connection& connection() { return *connection_; }
  /// The part of a database's content that is replaced.
  virtual db::Manifest replaced_part(db::Manifest whole) const { return whole; }

  /// From here on nobody else writes. Makes what is not there yet, and sets a file aside that does not open.
  virtual std::unique_ptr<db::Replacement> lock(db::Connection& content) = 0;
  /// Keeps what is being replaced: a verified copy, or what could be had of it where it is damaged. `amend` adds to the
  /// verified copy. Between lock() and commit().
  virtual Kept keep(const std::function<void(db::Tx& copy)>& amend) = 0;
  /// Once it may be committed: the copy stays.
  void leave_copy() { kept_.clear(); }
  /// Once it is committed: nothing is undone any more.
  virtual void settle();
  /// Holds what is there now against what was to be put there. Errors: precondition "backup_mismatch".
  virtual void require_replaced(const db::Manifest& wanted) = 0;

 protected:
  explicit Target(const ops::House& house) : house_(house) {}
  void look();
  /// "20260302T090000Z", of now.
  std::string stamp() const;
  /// Takes a verified copy as `file` through a connection of its own. Errors: those of take_verified_copy.
  Kept take_copy(const std::string& file, const std::function<void(db::Tx& copy)>& amend);
  void remove_copy() noexcept;

  const ops::House& house_;
  State state_ = State::missing;
  std::optional<std::string> environment_;
  std::unique_ptr<db::Connection> connection_;
  std::string kept_;  ///< the copy of what is being replaced

 private:
  std::optional<db::Manifest> manifest_;
  bool counted_ = false;
};

std::unique_ptr<Target> file_target(const ops::House& house);
std::unique_ptr<Target> server_target(const ops::House& house);

}  // namespace steward::database
