#include "db/sqlite/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "db/sqlite/commit.h"
#include "db/sqlite/engine.h"
#include "db/sqlite/errors.h"

namespace steward::db::sqlite {
namespace {

constexpr int kPagesAStep = 2048;  // 8 MiB

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using OwnedHandle = std::unique_ptr<sqlite3, CloseDatabase>;

/// sqlite3_backup with its end tied to a scope: until every page was copied, ending it rolls the target back.
class Copy {
 public:
  Copy(sqlite3* from, sqlite3* to) : to_(to), backup_(sqlite3_backup_init(to, "main", from, "main")) {
    if (!backup_) throw_error(to_, sqlite3_errcode(to_), "the start of a copy");
  }
  ~Copy() {
    if (backup_) sqlite3_backup_finish(backup_);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  /// True when every page is there and committed.
  bool step(int pages) {
    const int code = sqlite3_backup_step(backup_, pages);
    if (code == SQLITE_DONE) return true;
    if (code != SQLITE_OK) fail(code);
    return false;
  }
  void all(const CopyProgress& progress) {
    while (!step(kPagesAStep))
      if (progress)
        progress(sqlite3_backup_pagecount(backup_) - sqlite3_backup_remaining(backup_),
                 sqlite3_backup_pagecount(backup_));
    const int code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
    if (code != SQLITE_OK) throw_error(to_, code, "the end of a copy");
  }

 private:
  [[noreturn]] void fail(int code) {
    sqlite3_backup_finish(std::exchange(backup_, nullptr));  // leaves the code with the target's handle
    throw_error(sqlite3_errcode(to_) == code ? to_ : nullptr, code, "a copy");
  }
  sqlite3* to_;
  sqlite3_backup* backup_;
};

void create_alone(const std::string& file) {
  const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return;
  }
  const int error = errno;
  const auto sentence = fmt::format("{} can't be written: {}.", file, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT)
    throw Error{ErrorKind::temporary, "disk_full", sentence, "Free some space, then try again."};
  throw Error{ErrorKind::precondition, "file_unwritable", sentence, "Check that the folder exists and may be written."};
}

OwnedHandle open_raw(const std::string& file) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  OwnedHandle owner(handle);
  if (code != SQLITE_OK) throw_error(handle, code, file);
  sqlite3_extended_result_codes(handle, 1);
  return owner;
}

void run(sqlite3* handle, const char* sql) {
  if (const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
    throw_error(handle, code, sql);
}

class InPlace final : public Replacement {
 public:
  // The first page takes the write lock, and it is held until the last one is committed.
  InPlace(sqlite3* live, sqlite3* content) : live_(live), copy_(content, live) {
    if (copy_.step(1)) throw Error{ErrorKind::defect, "defect", "A database of one page was to be put in place."};
  }
  void commit(const CopyProgress& progress) override {
    try {
      copy_.all(progress);
    } catch (const Error&) {
      keep_commit_failed(live_);
      throw;
    }
  }

 private:
  sqlite3* live_;
  Copy copy_;
};

/// A copy restored into a file beside it that goes with this, with what SQLite leaves beside it.
class ScratchFile final : public RestoredCopy {
 public:
  explicit ScratchFile(const std::string& copy) : path_(copy + ".verify") {
    remove();
    try {
      fill(copy);
    } catch (...) {
      remove();
      throw;
    }
  }
  ~ScratchFile() override {
    connection_.reset();
    remove();
  }
  Connection& connection() override { return *connection_; }

 private:
  void fill(const std::string& copy) {
    const auto target = open(path_, {Access::write, true});
    const auto content = open(copy, {});
    sqlite::begin_replacement(*target, *content)->commit();
    connection_ = open(path_, {});
  }
  void remove() const noexcept {
    for (const auto* beside : {"", "-journal", "-wal", "-shm"}) ::unlink((path_ + beside).c_str());
  }

  std::string path_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress) {
  create_alone(file);
  const auto target = open_raw(file);
  Copy(handle_of(source), target.get()).all(progress);
  // The copy of a WAL database calls itself one; alone in its folder it needs no log.
  run(target.get(), "PRAGMA journal_mode = DELETE");
}

std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content) {
  // With a rollback journal, as a copied backup has one, the lock would shut readers out, and our own among them.
  use_write_ahead_log(live);
  return std::make_unique<InPlace>(handle_of(live), handle_of(content));
}

std::unique_ptr<RestoredCopy> restore_aside(const std::string& file) { return std::make_unique<ScratchFile>(file); }

}  // namespace steward::db::sqlite
