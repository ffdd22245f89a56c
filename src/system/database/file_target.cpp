#include <fmt/format.h>

#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "ops/files.h"
#include "system/database/target.h"
#include "system/database/verified_copy.h"

namespace steward::database {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBeside[] = {"", "-wal"};

bool is_damage(const Error& error) { return error.code() == "database_corrupt"; }

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

class FileTarget final : public Target {
 public:
  explicit FileTarget(const ops::House& house);
  ~FileTarget() override;

  std::unique_ptr<db::Replacement> lock(db::Connection& content) override;
  Kept keep(const std::function<void(db::Tx& copy)>& amend) override;
  void settle() override;
  void require_replaced(const db::Manifest& wanted) override;

 private:
  const std::string& path() const { return house_.url.location; }
  void set_aside();
  void put_back() noexcept;

  std::string aside_;  ///< where the unopenable file lies
  std::string copy_;   ///< of what was replaced, for the sentence about it
  bool made_ = false;  ///< the file is ours, and nothing is in it yet
};

FileTarget::FileTarget(const ops::House& house) : Target(house) {
  if (!db::exists(house.url)) return;
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

FileTarget::~FileTarget() {
  connection_.reset();
  put_back();
}

void FileTarget::set_aside() {
  connection_.reset();
  aside_ = unused_name(path(), "damaged-" + stamp());
  for (const auto* beside : kBeside)
    if (has_content(path() + beside)) ops::move_file(path() + beside, aside_ + beside);
  std::error_code none;
  for (const auto* beside : {"-wal", "-shm"}) fs::remove(path() + beside, none);
}

void FileTarget::put_back() noexcept {
  std::error_code none;
  remove_copy();
  if (made_)
    for (const auto* beside : {"", "-wal", "-shm"}) fs::remove(path() + beside, none);
  if (!aside_.empty())
    for (const auto* beside : kBeside) fs::rename(aside_ + beside, path() + beside, none);
}

std::unique_ptr<db::Replacement> FileTarget::lock(db::Connection& content) {
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

Kept FileTarget::keep(const std::function<void(db::Tx&)>& amend) {
  if (!aside_.empty()) return {copy_ = aside_, false, std::nullopt};
  if (state_ == State::missing || state_ == State::blank) return {};
  const auto file = copy_ = unused_name(path(), "replaced-" + stamp());
  if (house_.progress) house_.progress(fmt::format("Keeping what is there in {}", file));
  try {
    return take_copy(file, amend);
  } catch (const Error& error) {
    if (!is_damage(error) && error.code() != "check_failed") throw;
  }
  std::error_code none;
  fs::remove(file + ".unverified", none);
  copy_as_it_is(path(), file);
  return {file, false, std::nullopt};
}

void FileTarget::settle() {
  made_ = false;
  aside_.clear();
  Target::settle();
}

void FileTarget::require_replaced(const db::Manifest& wanted) {
  db::Tx tx(*connection_, db::Access::read, house_.now());
  const auto live = db::take_manifest(*connection_);
  if (live == wanted) return;
  throw Error{ErrorKind::precondition, "backup_mismatch",
              fmt::format("What is in the database now is not what was restored: {} differ.",
                          join(db::differing_tables(live, wanted), ", ")),
              fmt::format("Look at the disk; what was there before is in {}.", copy_)};
}

}  // namespace

std::unique_ptr<Target> file_target(const ops::House& house) { return std::make_unique<FileTarget>(house); }

}  // namespace steward::database
