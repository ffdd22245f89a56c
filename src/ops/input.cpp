#include "ops/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "core/error.h"
#include "ops/encoding.h"

namespace steward::ops {
namespace {

using Chunk = std::array<char, 64 * 1024>;

[[noreturn]] void cannot_read(const std::string& path, int error) {
  throw Error{ErrorKind::precondition, "file_unreadable",
              fmt::format("{} can't be read: {}.", path == "-" ? "Standard input" : path, std::strerror(error)),
              "Check the path and its permissions."};
}

[[noreturn]] void cannot_copy(int error) {
  if (error == ENOSPC || error == EDQUOT)
    throw Error{ErrorKind::temporary, "disk_full", "There is no space left for a temporary file.",
                "Free some space, or name another folder in TMPDIR."};
  throw Error{ErrorKind::temporary, "io_error",
              fmt::format("A temporary file can't be written: {}.", std::strerror(error)), "Try again."};
}

int open_input(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }

// True for what has a beginning to go back to; directories too, which read() refuses by itself.
bool can_be_reread(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

std::size_t read_some(int descriptor, std::span<char> buffer, const std::string& path) {
  for (;;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) cannot_read(path, errno);
  }
}

std::FILE* copy_of(int descriptor, const std::string& path) {
  std::FILE* copy = std::tmpfile();
  if (!copy) cannot_copy(errno);
  const auto chunk = std::make_unique<Chunk>();
  while (const auto got = read_some(descriptor, *chunk, path))
    if (std::fwrite(chunk->data(), 1, got, copy) != got) cannot_copy(errno);
  if (std::fflush(copy) != 0) cannot_copy(errno);
  return copy;
}

// What was copied, by the name it was asked for. Open until the process ends.
std::map<std::string, std::FILE*>& copies() {
  static std::map<std::string, std::FILE*> all;
  return all;
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path), descriptor_(-1), offset_(0) {
  take_in(path);
  if (const auto copy = copies().find(path); copy != copies().end()) {
    descriptor_ = ::fileno(copy->second);
    own_ = false;
  } else if (path == "-") {
    descriptor_ = 0;
    own_ = false;
  } else {
    descriptor_ = open_input(path);
    if (descriptor_ < 0) cannot_read(path, errno);
  }
}

InputFile::~InputFile() {
  if (own_ && descriptor_ >= 0) ::close(descriptor_);
}

std::size_t InputFile::read(std::span<char> buffer) {
  for (;;) {
    const auto got = ::pread(descriptor_, buffer.data(), buffer.size(), offset_);
    if (got >= 0) {
      offset_ += got;
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) cannot_read(path_, errno);
  }
}

std::int64_t InputFile::size() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

void take_in(const std::string& path) {
  if (copies().contains(path)) return;
  const int descriptor = path == "-" ? 0 : open_input(path);
  if (descriptor < 0) return;
  const auto close_it = [&] {
    if (descriptor > 0) ::close(descriptor);
  };
  try {
    if (!can_be_reread(descriptor)) copies()[path] = copy_of(descriptor, path);
  } catch (...) {
    close_it();
    throw;
  }
  close_it();
}

std::string blake2b_hex_of_file(const std::string& path) {
  InputFile file(path);
  Blake2b hash;
  const auto chunk = std::make_unique<Chunk>();
  while (const auto got = file.read(*chunk)) hash.update({chunk->data(), got});
  return hash.hex();
}

}  // namespace steward::ops
