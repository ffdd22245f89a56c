#pragma once
#include <string>
#include <string_view>

namespace steward::test {

// Statements in the words of the engine that the sandboxes live on.

/// Takes a trigger away, one of ours or of a migration's.
std::string drop_trigger(std::string_view name, std::string_view table);
/// Makes a trigger that refuses with `message` ("append_only: audit_log"). `event` is "BEFORE INSERT ON audit_log";
/// `when` may look at NEW and OLD.
std::string trigger_that_refuses(std::string_view name, std::string_view event, std::string_view message,
                                 std::string_view when = {});
/// Makes a trigger before an event by which that does not happen to the row, as if another transaction had changed it.
std::string trigger_that_skips(std::string_view name, std::string_view event, std::string_view when = {});

}  // namespace steward::test
