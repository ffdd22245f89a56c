#include "db/url.h"

#include "core/error.h"

namespace steward::db {

Url Url::parse(std::string_view text) {
  constexpr std::string_view kSqlite = "sqlite://";
  if (text.empty()) refuse_usage("invalid_database_url", "The database's name is empty.", "db");
  if (text.starts_with("postgresql://") || text.starts_with("postgres://"))
    return {Engine::postgres, std::string(text)};
  if (text.starts_with(kSqlite)) text.remove_prefix(kSqlite.size());
  if (text.find("://") != std::string_view::npos || text.find('\0') != std::string_view::npos || text.empty())
    refuse_usage("invalid_database_url", "A database is a path, sqlite:///abs/path or postgresql://….", "db");
  return {Engine::sqlite, std::string(text)};
}

std::string Url::name() const {
  if (engine == Engine::sqlite) return location;
  const auto path = location.substr(0, location.find('?'));
  const auto slash = path.find('/', path.find("://") + 3);
  const auto name = slash == std::string::npos ? std::string() : path.substr(slash + 1);
  return name.empty() ? "postgres" : name;
}

std::string Url::display() const {
  if (engine == Engine::sqlite) return location;
  const auto scheme = location.find("://") + 3;
  const auto at = location.find('@', scheme);
  const auto colon = location.find(':', scheme);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return location;
  return location.substr(0, colon) + location.substr(at);
}

}  // namespace steward::db
