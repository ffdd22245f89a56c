#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "support/process.h"

/// PostgreSQL's own programs, for every server of the tests: the one they share (keeper.h) and those of a test's own
/// (fault/postgres_server.h).
namespace steward::test {

/// One of Debian's newest PostgreSQL, as it is to be started: as `postgres` by root (or `nobody` where there is none),
/// else as oneself, and with an immediate shutdown when the one who started it ends. Errors: std::runtime_error where
/// none is installed.
Command server_program(const std::string& program, std::vector<std::string> words);
/// Makes the files of a server in `data`, whose superuser `steward` everybody is who reaches it.
Command initdb_command(const std::string& data);
/// A server whose files lie in `folder`/data and whose socket lies in `folder`, for whoever reaches that; `settings`
/// are like "max_connections=20".
Command server_command(const std::string& folder, const std::vector<std::string>& settings);
/// Whether the server of `folder` takes connections, be it a standby's.
bool takes_connections(const std::string& folder);

/// Gives a folder to the user that servers run as.
void give_to_server_user(const std::string& folder);
/// Empty where there is no such file.
std::string content_of(const std::string& path);

}  // namespace steward::test
