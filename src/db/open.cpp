#include "db/open.h"

#include <filesystem>

#include "db/postgres/engine.h"
#include "db/sqlite/engine.h"

namespace steward::db {

void assume_one_thread() { sqlite::assume_one_thread(); }

std::unique_ptr<Connection> open(const Url& url, const OpenOptions& options) {
  return url.engine == Engine::postgres ? postgres::open(url.location, options) : sqlite::open(url.location, options);
}

bool exists(const Url& url) {
  if (url.engine == Engine::postgres) return postgres::exists(url.location);
  std::error_code none;
  const auto size = std::filesystem::file_size(url.location, none);
  return !none && size > 0;
}

}  // namespace steward::db
