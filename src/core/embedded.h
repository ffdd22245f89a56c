#pragma once
#include <span>
#include <string_view>

namespace steward {

/// A text compiled into the binary (cmake/EmbedFiles.cmake), in the order of the file names.
struct EmbeddedFile {
  std::string_view name;  ///< "0001_ground.sqlite.sql"
  std::string_view text;
};

extern const std::span<const EmbeddedFile> embedded_migrations_sqlite;
extern const std::span<const EmbeddedFile> embedded_migrations_postgres;
extern const std::span<const EmbeddedFile> embedded_season;

}  // namespace steward
