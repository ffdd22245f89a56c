#pragma once
#include "db/backup.h"

namespace steward::db::sqlite {

/// See db/backup.h.
void copy_to_file(Connection& source, const std::string& file, const CopyProgress& progress);
std::unique_ptr<RestoredCopy> restore_aside(const std::string& file);
std::unique_ptr<Replacement> begin_replacement(Connection& live, Connection& content);

}  // namespace steward::db::sqlite
