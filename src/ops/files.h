#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace steward::ops {

bool file_exists(const std::string& path);
/// Makes the folder that a file is to lie in, mode 0700; false when it is there already, with whatever mode its owner
/// gave it. Errors: precondition "file_unwritable".
bool make_folder_of(const std::string& file);
/// The whole file; "-" is standard input. Errors: precondition "file_unreadable"; usage "file_too_large" past `limit`
/// bytes.
std::string read_file(const std::string& path, std::size_t limit = 64u << 20);
/// Whether a path names a stream, which is written to and never replaced: a terminal or another device of characters, a
/// pipe, a socket, an open descriptor ("/dev/stdout"), or "-", which is standard output.
bool is_stream(const std::string& path);
/// Whether a path is a name of standard output.
bool is_standard_output(std::string_view path);
/// Where a symbolic link leads in the end, be there a file or not; any other path as it is.
std::string behind_links(const std::string& path);
/// Puts a file in place whole or not at all: temporary name beside it, mode 0600, fsync, rename, fsync of the folder. A
/// symbolic link stays, and what it leads to is replaced; a stream is written to; nothing else that is no ordinary file
/// is touched.
/// Errors: precondition "file_unwritable"; temporary "disk_full", "io_error".
void replace_file(const std::string& path, std::string_view content);
/// As replace_file, but only where there is nothing yet; false when there is. Of two at once one wins, whole.
bool create_file(const std::string& path, std::string_view content);
/// Gives a file a second name on the same disk. Errors: as replace_file.
void link_file(const std::string& path, const std::string& second_name);
/// Gives a file another name on the same disk. Errors: as replace_file.
void move_file(const std::string& from, const std::string& to);
/// The last two steps of replace_file for a file that is already written at `temporary`; a stream is refused.
void put_in_place(const std::string& temporary, const std::string& path);
/// A file that is written piece by piece and stands in place whole or not at all; as replace_file.
class StagedFile {
 public:
  explicit StagedFile(std::string path);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  void write(std::string_view piece);
  /// Without it, nothing stays.
  void commit();

 private:
  void flush();

  std::string path_, temporary_, pending_;  ///< no temporary name: a stream
  int fd_ = -1;
};

/// Copies a file's bytes; otherwise as replace_file. Errors: also precondition "file_unreadable".
void copy_file(const std::string& from, const std::string& to);
/// Waits until the file's content is on the disk. Errors: as replace_file.
void sync_file(const std::string& path);
/// SHA-256 of its bytes, 64 hex digits. Errors: precondition "file_unreadable".
std::string sha256_of_file(const std::string& path);
/// "PATH.tmp-PID": a name beside the target, or beside what it links to, for what is not whole yet.
std::string temporary_beside(const std::string& path);
/// What processes that are gone left behind under such names, of this file and of those that stand beside it as
/// "PATH.more".
std::vector<std::string> leftovers(const std::string& path);
void remove_leftovers(const std::string& path);

}  // namespace steward::ops
