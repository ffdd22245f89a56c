#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace steward::ops {

/// A file that is read from front to back, as often as it is opened, and never held whole. "-" is standard input. What
/// can be read only once (a pipe, a terminal) is first copied to a temporary file without a name, by take_in() or when
/// it is first opened; it stays readable until the process ends.
class InputFile {
 public:
  /// Errors: precondition "file_unreadable"; temporary "disk_full", "io_error" for the copy.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Fills the front of the buffer; answers how many bytes, 0 at the end. Errors: precondition "file_unreadable".
  std::size_t read(std::span<char> buffer);
  std::int64_t position() const { return offset_; }
  /// In bytes.
  std::int64_t size() const;

 private:
  std::string path_;
  int descriptor_;
  bool own_ = true;      ///< false: a copy's, which stays open
  std::int64_t offset_;  ///< descriptors of one file share a position: each reader keeps its own
};

/// Copies a file that can be read only once, so that nobody waits for it under a lock. Does nothing for any other, and
/// nothing for one that can't be opened: whoever reads it says so.
void take_in(const std::string& path);

/// BLAKE2b-256 of a file's bytes, as 64 hex digits. Errors: those of InputFile.
std::string blake2b_hex_of_file(const std::string& path);

}  // namespace steward::ops
