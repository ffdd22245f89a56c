#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace steward {

/// An IANA time zone by name, looked up in the machine's tzdata through glibc. UTC costs nothing.
///
/// The look-up sets TZ for the length of a call under a lock of its own; no other code of
/// steward reads TZ, so this is safe with threads.
class Zone {
 public:
  Zone() : name_("UTC") {}  ///< UTC
  /// Errors: Error{usage, "unknown_zone"} for a name that the tzdata does not have (names are
  /// case-sensitive as IANA writes them; paths, POSIX TZ strings and abbreviations such as "CEST" are refused).
  static Zone parse(std::string_view name);
  const std::string& name() const { return name_; }
  bool is_utc() const { return name_ == "UTC" || name_ == "Etc/UTC"; }
  /// Seconds east of UTC at that Unix time (seconds).
  std::int64_t offset_at(std::int64_t unix_seconds) const;
  bool operator==(const Zone&) const = default;

 private:
  std::string name_;
};

}  // namespace steward
