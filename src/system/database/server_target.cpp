#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "db/transfer.h"
#include "ops/files.h"
#include "system/database/target.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

/// A database of a server: its tables stay, with their grants, and get other rows.
class ServerTarget final : public Target {
 public:
  explicit ServerTarget(const ops::House& house) : Target(house) {
    connection_ = open(true);
    if (!connection_->has_table("app_migrations")) return;
    look();
    if (!connection_->owned_by_caller())
      throw Error{ErrorKind::precondition, "database_refused",
                  "A restore empties tables that only add, and this database role does not own them.",
                  "Run it as the role that owns the schema; nothing was changed."};
    db::Tx tx(*connection_, db::Access::read, house_.now());
    require_schema();
  }
  ~ServerTarget() override { remove_copy(); }

  db::Manifest replaced_part(db::Manifest whole) const override { return db::without_migrations(std::move(whole)); }

  /// One that was killed after the migrations leaves an empty database that has them, which counts as one without.
  std::unique_ptr<db::Replacement> lock(db::Connection& content) override {
    if (state_ != State::whole) db::migrate(*connection_, house_.migrations(), house_.now(), {});
    auto out = db::begin_replacement(*connection_, content);
    require_schema();
    return out;
  }

  Kept keep(const std::function<void(db::Tx& copy)>& amend) override {
    if (state_ != State::whole) return {};
    const auto place = house_.data_folder + "/" + house_.url.name();
    ops::make_folder_of(place);
    ops::remove_leftovers(place);
    const auto file = unused_name(place, "replaced-" + stamp());
    if (house_.progress) house_.progress(fmt::format("Keeping what is there in {}", file));
    try {
      return take_copy(file, amend);
    } catch (const Error& error) {
      if (error.code() != "check_failed") throw;
    }
    ops::move_file(file + ".unverified", file);
    return {file, false, std::nullopt};
  }

  // It was read again inside the transaction that put it there.
  void require_replaced(const db::Manifest&) override {}

 private:
  std::unique_ptr<db::Connection> open(bool create) const {
    return db::open(house_.url, {db::Access::write, create, house_.busy_timeout, house_.log});
  }
  // Only rows are replaced: they must be those of the tables that are there.
  void require_schema() const {
    if (state_ == State::whole) db::require_current_schema(*connection_, house_.migrations());
  }
};

}  // namespace

std::unique_ptr<Target> server_target(const ops::House& house) { return std::make_unique<ServerTarget>(house); }

}  // namespace steward::database
