#pragma once
#include <optional>

#include "db/inspect.h"

namespace steward::db::postgres {

/// See db/inspect.h.
std::vector<SchemaObject> live_schema(Connection& connection);
std::optional<std::vector<SchemaObject>> expected_schema(Connection& like, std::span<const Migration> migrations);
std::vector<std::string> integrity_findings(Connection& connection, int limit);
std::vector<std::string> reference_findings(Connection& connection, int limit);
std::vector<EngineSetting> engine_settings(Connection& connection);
std::string engine_version(Connection& connection);
std::int64_t stored_bytes(Connection& connection);

}  // namespace steward::db::postgres
