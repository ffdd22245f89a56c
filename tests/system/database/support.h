#pragma once
#include <algorithm>
#include <filesystem>
#include <set>

#include "db/manifest.h"
#include "db/open.h"
#include "db/populated.h"
#include "db/tx.h"
#include "support/sandbox.h"

namespace steward::test {

/// The names in a folder, but for what SQLite keeps beside an open database.
inline std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!name.ends_with("-wal") && !name.ends_with("-shm")) out.insert(name);
  }
  return out;
}

inline db::Manifest manifest_of_file(const std::string& database) {
  const auto connection = db::open(db::Url::parse(database), {});
  const db::Tx tx(*connection, db::Access::read, {});
  return db::take_manifest(*connection);
}

inline db::Manifest manifest_of(const Sandbox& box) { return manifest_of_file(box.database()); }

inline bool warned(const ops::Answer& answer, std::string_view code) {
  return std::ranges::any_of(answer.warnings, [&](const auto& warning) { return warning.code == code; });
}

/// Statements on any file, past the rules of the one that holds them.
inline void alter(const std::string& file, std::string_view sql) {
  db::open(db::Url::of_file(file), {db::Access::write})->script(sql);
}

/// Overwrites bytes of a file in place.
inline void scribble(const std::string& file, std::size_t at, std::string_view bytes) {
  auto* stream = std::fopen(file.c_str(), "r+b");
  std::fseek(stream, static_cast<long>(at), SEEK_SET);
  std::fwrite(bytes.data(), 1, bytes.size(), stream);
  std::fclose(stream);
}

}  // namespace steward::test
