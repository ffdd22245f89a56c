#include "db/open.h"

#include <filesystem>

#include "core/error.h"
#include "db/sqlite/engine.h"

namespace steward::db {

void assume_one_thread() { sqlite::assume_one_thread(); }

std::unique_ptr<Connection> open(const Url& url, const OpenOptions& options) {
  if (url.engine == Engine::postgres)
    throw Error{ErrorKind::usage, "unsupported_engine", "This build of steward has no PostgreSQL engine.",
                "Name a SQLite file with --db."};
  return sqlite::open(url.location, options);
}

bool exists(const Url& url) {
  std::error_code none;
  const auto size = std::filesystem::file_size(url.location, none);
  return !none && size > 0;
}

}  // namespace steward::db
