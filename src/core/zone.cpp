#include "core/zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>

#include "core/error.h"
#include "core/phrase.h"

namespace steward {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";

bool has_zone_letters(std::string_view name) {
  constexpr std::string_view kOther = "_+-/";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kOther.find(c) != kOther.npos;
  });
}

/// Files and folders of the tzdata that are copies or settings, not zones of their own.
bool is_reserved(std::string_view name) {
  return name == "posixrules" || name == "localtime" || name.starts_with("posix/") || name.starts_with("right/");
}

/// True when the tzdata has a compiled zone (RFC 8536: it begins with "TZif") of that name.
bool has_zone_file(std::string_view name) {
  const auto path = fmt::format("{}{}", kFolder, name);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  char magic[4];
  return file && std::fread(magic, 1, sizeof magic, file.get()) == sizeof magic &&
         std::string_view(magic, sizeof magic) == "TZif";
}

/// Makes glibc read that zone's file. TZ is put back at once: localtime_r does not look at it again, and what
/// steward starts must not inherit it.
void load_zone(const std::string& name) {
  const char* before = std::getenv("TZ");
  const auto saved = before ? std::optional<std::string>(before) : std::nullopt;
  setenv("TZ", fmt::format(":{}{}", kFolder, name).c_str(), 1);
  tzset();
  if (saved)
    setenv("TZ", saved->c_str(), 1);
  else
    unsetenv("TZ");
}

}  // namespace

Zone Zone::parse(std::string_view name) {
  Zone zone;
  if (name == "UTC") return zone;
  const bool known = !name.empty() && !name.starts_with('/') && !name.ends_with('/') && name.size() <= 100 &&
                     has_zone_letters(name) && !is_reserved(name) && has_zone_file(name);
  if (!known)
    refuse_usage("unknown_zone", fmt::format("Not a time zone: {}.", in_quotes(name)), {},
                 "Write an IANA name, such as Europe/Paris or UTC.");
  zone.name_ = name;
  return zone;
}

std::int64_t Zone::offset_at(std::int64_t unix_seconds) const {
  if (is_utc()) return 0;
  static std::mutex mutex;
  static std::string loaded;
  const std::scoped_lock lock(mutex);
  if (loaded != name_) {
    load_zone(name_);
    loaded = name_;
  }
  const std::time_t time = unix_seconds;
  std::tm wall{};
  return localtime_r(&time, &wall) ? wall.tm_gmtoff : 0;
}

}  // namespace steward
