#pragma once
#include <span>
#include <string>
#include <string_view>

namespace steward::db {

/// `sql` without comments, with each run of white space outside quotes as one blank.
std::string normalised_sql(std::string_view sql);

/// SHA-256 of the normalised text, 64 hex digits: what app_migrations keeps of a migration.
std::string sha256_of_sql(std::string_view sql);

/// Those of the compiled-in migrations, in their order. They are computed when steward is built
/// (cmake/migration_hashes.cpp): every command's guard compares them, and hashing took a third of a short command.
extern const std::span<const std::string_view> migration_hashes_sqlite;
extern const std::span<const std::string_view> migration_hashes_postgres;

}  // namespace steward::db
