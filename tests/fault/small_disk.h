#pragma once
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

namespace steward::test {

/// A small file system of its own; gone with the object.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const char* size) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    REQUIRE(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, (std::string("size=") + size).c_str()) == 0);
  }
  ~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  std::string path(const char* name) const { return folder_ + "/" + name; }
  /// Fills it up but for so many bytes; until clear().
  void leave(std::int64_t free) const {
    const auto all = static_cast<std::int64_t>(std::filesystem::space(folder_).available);
    std::ofstream(path("filler"), std::ios::binary) << std::string(static_cast<std::size_t>(all - free), 'x');
  }
  void clear() const { std::filesystem::remove(path("filler")); }
  bool remount_read_only() const {
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::string folder_;
};

inline bool may_mount() { return ::geteuid() == 0; }

}  // namespace steward::test
