#include <filesystem>

#include "ops/context.h"
#include "ops/files.h"

namespace steward::ops {

bool House::stands_on(const std::string& file) const {
  std::error_code none;
  if (std::filesystem::equivalent(file, key_path(), none)) return true;
  for (const auto* beside : {"", "-wal", "-shm", "-journal"})
    if (std::filesystem::equivalent(file, url.location + beside, none)) return true;
  return false;
}

std::string House::key_path() const {
  if (!key_file.empty()) return key_file;
  if (url.engine == db::Engine::postgres) return data_folder + "/" + url.name() + ".key";
  // It lies beside the database, not beside a link to it.
  const auto beside = behind_links(url.location) + ".key", beside_link = url.location + ".key";
  return !file_exists(beside) && file_exists(beside_link) ? beside_link : beside;
}

void House::use_migrations(std::vector<db::Migration> known) { migrations_ = std::move(known); }

const std::vector<db::Migration>& House::migrations() const {
  if (!migrations_) migrations_ = db::compiled_migrations(url.engine);
  return *migrations_;
}

}  // namespace steward::ops
