#pragma once
#include "db/backup.h"

namespace steward::db::postgres {

/// See db/backup.h. The file is pg_dump's custom format.
void copy_to_file(Connection& source, const std::string& file);
std::unique_ptr<RestoredCopy> restore_aside(Connection& source, const std::string& file, Aside purpose);
void change_copy(RestoredCopy& restored, const std::string& file, const std::function<void(Connection&)>& change);

}  // namespace steward::db::postgres
