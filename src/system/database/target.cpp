#include "system/database/target.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "ops/files.h"
#include "system/database/database.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBeside[] = {"", "-wal"};

bool is_damage(const Error& error) { return error.code() == "database_corrupt"; }

// "20260302T090000Z"
std::string stamp(Instant at) {
  auto text = to_text(at).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

bool has_content(const std::string& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  return !none && size > 0;
}

void copy_as_it_is(const std::string& from, const std::string& to) {
  for (const auto* beside : kBeside) {
    if (!has_content(from + beside)) continue;
    ops::copy_file(from + beside, to + beside);
  }
}

}  // namespace

const std::string& Target::path() const { return house_.url.location; }

Target::Target(const ops::House& house) : house_(house) {
  if (!db::exists(house_.url)) return;
  try {
    connection_ = db::open(house_.url, {db::Access::write, false, house_.busy_timeout, house_.log});
    look();
  } catch (const Error& error) {
    if (error.code() == "foreign_database")
      throw Error{
          ErrorKind::precondition, "foreign_database",
          fmt::format("What is at {} is not steward's, so it is not replaced.", path()),
          "Name another place with --db. If it was steward's and is damaged beyond knowing, move it away first."};
    if (!is_damage(error)) throw;
    state_ = connection_ ? State::damaged : State::unopenable;
  }
}

void Target::look() {
  db::Tx tx(*connection_, db::Access::read, house_.now());
  const auto identity = identity_of(tx);
  state_ = identity ? State::whole : State::blank;
  if (identity) environment_ = identity->environment;
}

Target::~Target() {
  connection_.reset();
  put_back();
}

const std::optional<db::Manifest>& Target::manifest() {
  if (std::exchange(counted_, true) || state_ != State::whole) return manifest_;
  try {
    db::Tx tx(*connection_, db::Access::read, house_.now());
    manifest_ = manifest_of(house_, tx);
  } catch (const Error& error) {
    if (!is_damage(error)) throw;
  }
  return manifest_;
}

void Target::set_aside() {
  connection_.reset();
  aside_ = unused_name(path(), "damaged-" + stamp(house_.now()));
  for (const auto* beside : kBeside)
    if (has_content(path() + beside)) ops::move_file(path() + beside, aside_ + beside);
  std::error_code none;
  for (const auto* beside : {"-wal", "-shm"}) fs::remove(path() + beside, none);
}

void Target::put_back() noexcept {
  std::error_code none;
  if (!kept_.empty())
    for (const auto* beside : {"", "-wal", ".manifest.json"}) fs::remove(kept_ + beside, none);
  if (made_)
    for (const auto* beside : {"", "-wal", "-shm"}) fs::remove(path() + beside, none);
  if (!aside_.empty())
    for (const auto* beside : kBeside) fs::rename(aside_ + beside, path() + beside, none);
}

std::unique_ptr<db::Replacement> Target::lock(db::Connection& content) {
  const auto begin = [&] {
    if (!connection_) {
      made_ = true;
      connection_ = db::open(house_.url, {db::Access::write, true, house_.busy_timeout, house_.log});
    }
    return db::begin_replacement(*connection_, content);
  };
  if (state_ == State::unopenable) set_aside();
  try {
    return begin();
  } catch (const Error& error) {
    if (!is_damage(error) || state_ == State::missing || !aside_.empty()) throw;
  }
  set_aside();
  return begin();
}

Kept Target::keep(const std::function<void(db::Tx&)>& amend) {
  if (!aside_.empty()) return {aside_, false, std::nullopt};
  if (state_ == State::missing || state_ == State::blank) return {};
  const auto file = unused_name(path(), "replaced-" + stamp(house_.now()));
  if (house_.progress) house_.progress(fmt::format("Keeping what is there in {}", file));
  try {
    const auto reader = db::open(house_.url, {db::Access::write, false, house_.busy_timeout, house_.log});
    db::Tx tx(*reader, db::Access::read, house_.now());
    kept_ = file;
    return {file, true, take_verified_copy(house_, tx, file, amend).copied};
  } catch (const Error& error) {
    if (!is_damage(error) && error.code() != "check_failed") throw;
  }
  std::error_code none;
  fs::remove(file + ".unverified", none);
  copy_as_it_is(path(), file);
  return {file, false, std::nullopt};
}

void Target::settle() {
  made_ = false;
  aside_.clear();
  kept_.clear();
  db::checkpoint(*connection_);
}

db::Manifest Target::manifest_now() {
  db::Tx tx(*connection_, db::Access::read, house_.now());
  return db::take_manifest(*connection_);
}

}  // namespace steward::database
