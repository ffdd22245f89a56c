#pragma once
#include "db/inspect.h"

namespace steward::db::sqlite {

/// See db/inspect.h.
std::vector<SchemaObject> live_schema(Connection& connection);
std::vector<std::string> integrity_findings(Connection& connection, bool thorough, int limit);
std::vector<std::string> reference_findings(Connection& connection, int limit);
std::vector<EngineSetting> engine_settings(Connection& connection);
std::string engine_version();
std::int64_t stored_bytes(Connection& connection);

}  // namespace steward::db::sqlite
