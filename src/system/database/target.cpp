#include "system/database/target.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "system/database/database.h"
#include "system/database/verified_copy.h"

namespace steward::database {

namespace fs = std::filesystem;

std::unique_ptr<Target> Target::of(const ops::House& house) {
  return house.url.engine == db::Engine::postgres ? server_target(house) : file_target(house);
}

void Target::look() {
  db::Tx tx(*connection_, db::Access::read, house_.now());
  const auto identity = identity_of(tx);
  state_ = identity ? State::whole : State::blank;
  if (identity) environment_ = identity->environment;
}

const std::optional<db::Manifest>& Target::manifest() {
  if (std::exchange(counted_, true) || state_ != State::whole) return manifest_;
  try {
    db::Tx tx(*connection_, db::Access::read, house_.now());
    manifest_ = replaced_part(manifest_of(house_, tx));
  } catch (const Error& error) {
    if (error.code() != "database_corrupt") throw;
  }
  return manifest_;
}

std::string Target::stamp() const {
  auto text = to_text(house_.now()).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

Kept Target::take_copy(const std::string& file, const std::function<void(db::Tx&)>& amend) {
  const auto reader = db::open(house_.url, {db::Access::write, false, house_.busy_timeout, house_.log});
  db::Tx tx(*reader, db::Access::read, house_.now());
  kept_ = file;
  return {file, true, replaced_part(take_verified_copy(house_, tx, file, amend).copied)};
}

void Target::remove_copy() noexcept {
  std::error_code none;
  if (kept_.empty()) return;
  for (const auto* beside : {"", "-wal", ".manifest.json"}) fs::remove(kept_ + beside, none);
}

void Target::settle() {
  leave_copy();
  if (connection_) db::settle_replaced(*connection_);
}

}  // namespace steward::database
