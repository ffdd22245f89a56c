#include "db/url.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace steward::db {
namespace {

/// Where libpq sees the parts of postgresql://user:password@hosts/name?options.
struct Parts {
  std::string_view scheme, user, password, place, options;
};

Parts parts_of(std::string_view url) {
  Parts out;
  out.scheme = url.substr(0, url.find("://") + 3);
  url.remove_prefix(out.scheme.size());
  if (const auto at = url.find_first_of("@/"); at != std::string_view::npos && url[at] == '@') {
    const auto colon = url.substr(0, at).find(':');
    out.user = url.substr(0, std::min(colon, at));
    if (colon != std::string_view::npos) out.password = url.substr(colon + 1, at - colon - 1);
    url.remove_prefix(at + 1);
  }
  const auto question = std::min(url.find('?'), url.size());
  out.place = url.substr(0, question);
  if (question < url.size()) out.options = url.substr(question + 1);
  return out;
}

// A name with a % in it may be any: libpq decodes it first.
bool is_secret(std::string_view option) {
  const auto name = option.substr(0, option.find('='));
  return name == "password" || name == "sslpassword" || name.find('%') != std::string_view::npos;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  if (what.empty()) return text;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// An @ or / in a password ends it for libpq, which would then name the rest in its message as a host or a port.
void require_separable(std::string_view url) {
  if (parts_of(url).place.find('@') != std::string_view::npos)
    refuse_usage("invalid_database_url", "The database's URL has an @ where none can stand.", "db",
                 "In a user's name or a password, write @ as %40 and / as %2F.");
}

}  // namespace

Url Url::parse(std::string_view text) {
  constexpr std::string_view kSqlite = "sqlite://";
  if (text.empty()) refuse_usage("invalid_database_url", "The database's name is empty.", "db");
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    require_separable(text);
    return {Engine::postgres, std::string(text)};
  }
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
  const auto parts = parts_of(location);
  std::vector<std::string> options;
  for (const auto option : split(parts.options, '&'))
    if (!option.empty() && !is_secret(option)) options.emplace_back(option);
  std::string out(parts.scheme);
  if (!parts.user.empty()) out.append(parts.user).append("@");
  out.append(parts.place);
  return options.empty() ? out : out + "?" + join(options, "&");
}

std::string Url::without_secrets(std::string message) const {
  if (engine == Engine::sqlite) return message;
  const auto parts = parts_of(location);
  message = replaced(std::move(message), location, display());
  message = replaced(std::move(message), parts.password, "[secret]");
  for (const auto option : split(parts.options, '&'))
    if (const auto equals = option.find('='); is_secret(option) && equals != std::string_view::npos)
      message = replaced(std::move(message), option.substr(equals + 1), "[secret]");
  return message;
}

}  // namespace steward::db
