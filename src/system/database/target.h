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
    missing,  ///< no file
    blank,    ///< a file that init did not finish
    whole,
    damaged,    ///< it opens, and can't be read
    unopenable  ///< it doesn't even open
  };

  /// Errors: precondition "foreign_database" for a file that is another program's; "database_read_only".
  explicit Target(const ops::House& house);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  State state() const { return state_; }
  const std::string& path() const;
  /// nullopt where none can be read.
  const std::optional<std::string>& environment() const { return environment_; }
  /// nullopt for what can't be counted; counted once.
  const std::optional<db::Manifest>& manifest();
  db::Connection& connection() { return *connection_; }

  /// From here on nobody else writes. Makes the file where there is none, and sets one aside that does not open.
  std::unique_ptr<db::Replacement> lock(db::Connection& content);
  /// Keeps what is being replaced, beside it: a verified copy, or the files as they are where they are damaged. `amend`
  /// adds to the verified copy. Between lock() and commit().
  Kept keep(const std::function<void(db::Tx& copy)>& amend);
  /// Once it is committed: nothing is undone any more, and the log is moved into the file.
  void settle();
  db::Manifest manifest_now();

 private:
  void look();
  void set_aside();
  void put_back() noexcept;

  const ops::House& house_;
  State state_ = State::missing;
  std::optional<std::string> environment_;
  std::unique_ptr<db::Connection> connection_;
  std::optional<db::Manifest> manifest_;
  bool counted_ = false;
  std::string aside_;  ///< where the unopenable file lies
  std::string kept_;   ///< the verified copy of what is being replaced
  bool made_ = false;  ///< the file is ours, and nothing is in it yet
};

}  // namespace steward::database
