#pragma once
#include <string_view>
#include <vector>

#include "db/grants.h"

namespace steward::db::postgres {

/// See db/grants.h.
Granted grant_application(Connection& connection, std::string_view role);
void renew_grants(Connection& connection);

/// One sentence for each thing that a role may do in steward's schema beyond what is granted to the application; empty
/// when there is none. `role` need not be anybody who was granted to.
std::vector<std::string> rights_beyond(Connection& connection, std::string_view role);

}  // namespace steward::db::postgres
