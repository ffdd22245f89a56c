#pragma once
#include <sys/types.h>

#include <string>

namespace steward::test {

/// Starts a PostgreSQL server (Debian's newest) whose files and Unix socket all lie in `folder`, which is made. It
/// trusts whoever reaches the socket, as the superuser `steward`, and is set up as in production but that a sync to
/// the disk does nothing (no_fsync.cpp).
/// root starts it as `postgres`, or `nobody` where there is none; anybody else as oneself.
///
/// A process of its own keeps it: when `owner` ends, however it ends, or when stop_server is called, the keeper stops
/// the server, waits for the last of its processes and removes the folder. Errors: std::runtime_error.
void start_server(const std::string& folder, pid_t owner);

/// Answers when nothing of it is left; at once when there is no such server.
void stop_server(const std::string& folder);

}  // namespace steward::test
