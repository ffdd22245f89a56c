#include "ops/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <utility>

#include "core/error.h"
#include "ops/encoding.h"

namespace steward::ops {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > 2) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void cannot_write(const std::string& path, int error) {
  const auto sentence = fmt::format("{} can't be written: {}.", path, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT)
    throw Error{ErrorKind::temporary, "disk_full", sentence, "Free some space, then try again."};
  if (error == EFBIG)
    throw Error{ErrorKind::temporary, "disk_full", sentence, "Raise the limit on a file's size (ulimit -f)."};
  if (error == EIO) throw Error{ErrorKind::temporary, "io_error", sentence, "Look at the disk, then try again."};
  throw Error{ErrorKind::precondition, "file_unwritable", sentence, "Check that the folder exists and may be written."};
}

[[noreturn]] void cannot_read(const std::string& path, int error) {
  throw Error{ErrorKind::precondition, "file_unreadable",
              fmt::format("{} can't be read: {}.", path, std::strerror(error)), "Check the path and its permissions."};
}

// The bytes of a file, from its first to its last; "-" is standard input.
void each_piece(const std::string& path, const std::function<void(std::string_view)>& taken) {
  const Descriptor fd(path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[65536];
  for (;;) {
    const auto got = fd.get() < 0 ? -1 : ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cannot_read(path, errno);
    if (got == 0) return;
    taken({buffer, static_cast<std::size_t>(got)});
  }
}

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const Descriptor fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) cannot_write(path, errno);
}

void write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE && fd == 1) ::_exit(0);  // nobody reads on, as after `| head`
    if (written < 0) cannot_write(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Opened without making anything; standard output is only borrowed.
int open_stream(const std::string& path) {
  return is_standard_output(path) ? 1 : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

// "/dev/fd/3", "/proc/self/fd/3": a link that can't be read as a path.
bool is_open_descriptor(const std::string& path) {
  std::error_code none;
  const auto folder = std::filesystem::canonical(std::filesystem::path(path).parent_path(), none).string();
  return folder.starts_with("/proc/");
}

void write_stream(const std::string& path, std::string_view content) {
  const Descriptor fd(open_stream(path));
  if (fd.get() < 0) cannot_write(path, errno);
  write_all(fd.get(), content, path);
}

void require_ordinary(const std::string& path) {
  std::error_code none;
  const auto status = std::filesystem::symlink_status(path, none);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return;
  throw Error{ErrorKind::precondition, "file_unwritable",
              fmt::format("{} can't be replaced: it is no ordinary file.", path), "Name a file."};
}

}  // namespace

bool is_standard_output(std::string_view path) {
  return path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1";
}

bool is_stream(const std::string& path) {
  if (is_standard_output(path) || is_open_descriptor(path)) return true;
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  return std::filesystem::is_character_file(status) || std::filesystem::is_fifo(status) ||
         std::filesystem::is_socket(status) ||
         (std::filesystem::is_symlink(path, none) && behind_links(path) != path &&
          is_open_descriptor(behind_links(path)));
}

std::string behind_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::error_code none;
  std::filesystem::path at = path;
  for (int links = 0; links < kMostLinks && std::filesystem::is_symlink(at, none); ++links)
    at = at.parent_path() / std::filesystem::read_symlink(at, none);
  return at.string();
}

bool file_exists(const std::string& path) {
  std::error_code none;
  return std::filesystem::exists(path, none);
}

bool make_folder_of(const std::string& file) {
  const auto folder = std::filesystem::path(file).parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return false;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) == 0) return true;
  if (std::filesystem::is_directory(folder, error)) return false;
  throw Error{ErrorKind::precondition, "file_unwritable", fmt::format("The folder {} can't be made.", folder.string()),
              "Make it, or name another place with --db."};
}

std::string temporary_beside(const std::string& path) {
  return fmt::format("{}.tmp-{}", behind_links(path), ::getpid());
}

std::vector<std::string> leftovers(const std::string& named) {
  std::vector<std::string> out;
  std::error_code none;
  const std::filesystem::path path = behind_links(named);
  const auto prefix = path.filename().string() + ".";
  constexpr std::string_view kMark = ".tmp-";
  auto folder = path.parent_path();
  if (folder.empty()) folder = ".";
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const auto name = entry.path().filename().string();
    int pid = 0;
    const auto mark = name.starts_with(prefix) ? name.find(kMark, prefix.size() - 1) : std::string::npos;
    if (mark == std::string::npos || std::sscanf(name.c_str() + mark + kMark.size(), "%d", &pid) != 1) continue;
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) out.push_back(entry.path().string());
  }
  return out;
}

void remove_leftovers(const std::string& path) {
  std::error_code none;
  for (const auto& left : leftovers(path)) std::filesystem::remove(left, none);
}

std::string read_file(const std::string& path, std::size_t limit) {
  std::string out;
  each_piece(path, [&](std::string_view piece) {
    out += piece;
    if (out.size() > limit) refuse_usage("file_too_large", fmt::format("{} is larger than {} bytes.", path, limit));
  });
  return out;
}

void link_file(const std::string& path, const std::string& second_name) {
  if (::link(path.c_str(), second_name.c_str()) != 0) cannot_write(second_name, errno);
}

void move_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) cannot_write(to, errno);
}

void put_in_place(const std::string& temporary, const std::string& path) {
  const auto real = behind_links(path);
  try {
    require_ordinary(real);
    if (::rename(temporary.c_str(), real.c_str()) != 0) cannot_write(path, errno);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder_of(real);
}

static std::string write_temporary(const std::string& path, std::string_view content) {
  remove_leftovers(path);
  auto temporary = temporary_beside(path);
  try {
    const Descriptor fd(::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    if (fd.get() < 0) cannot_write(path, errno);
    write_all(fd.get(), content, path);
    if (::fsync(fd.get()) != 0) cannot_write(path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  return temporary;
}

void replace_file(const std::string& path, std::string_view content) {
  if (is_stream(path)) return write_stream(path, content);
  put_in_place(write_temporary(path, content), path);
}

bool create_file(const std::string& path, std::string_view content) {
  if (file_exists(path)) {
    remove_leftovers(path);
    return false;
  }
  const auto temporary = write_temporary(path, content);
  const int error = ::link(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(temporary.c_str());
  if (error == EEXIST) return false;
  if (error != 0) cannot_write(path, error);
  sync_folder_of(path);
  return true;
}

StagedFile::StagedFile(std::string path) : path_(std::move(path)) {
  if (is_stream(path_)) {
    fd_ = open_stream(path_);
    if (fd_ < 0) cannot_write(path_, errno);
    return;
  }
  remove_leftovers(path_);
  temporary_ = temporary_beside(path_);
  fd_ = ::open(temporary_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (fd_ < 0) cannot_write(path_, errno);
}

StagedFile::~StagedFile() {
  if (fd_ < 0) return;
  if (fd_ > 2) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void StagedFile::flush() {
  write_all(fd_, pending_, path_);
  pending_.clear();
}

void StagedFile::write(std::string_view piece) {
  constexpr std::size_t kPiece = 64u << 10;
  pending_ += piece;
  if (pending_.size() >= kPiece) flush();
}

void StagedFile::commit() {
  flush();
  if (temporary_.empty()) return;  // a stream: what was written is out
  if (::fsync(fd_) != 0) cannot_write(path_, errno);
  ::close(std::exchange(fd_, -1));
  put_in_place(temporary_, path_);
}

void copy_file(const std::string& from, const std::string& to) {
  StagedFile copy(to);
  each_piece(from, [&](std::string_view piece) { copy.write(piece); });
  copy.commit();
}

void sync_file(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) cannot_write(path, errno);
}

std::string sha256_of_file(const std::string& path) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  each_piece(path, [&](std::string_view piece) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(piece.data()), piece.size());
  });
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, hash);
  return to_hex({reinterpret_cast<const char*>(hash), sizeof hash});
}

}  // namespace steward::ops
