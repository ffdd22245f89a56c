#pragma once
#include <string>

#include "ops/registry.h"

namespace steward::cli {

/// `steward --help`: the rooms and the global flags. Builds no operation, so it costs next to nothing.
std::string root_help(const ops::Registry& registry);
/// `steward invoices`: what the group can do. `verbs` narrows to a subgroup ("offers packages").
std::string group_help(ops::Registry& registry, const std::string& group, const std::vector<std::string>& verbs);
/// `steward invoices issue --help`: arguments, rights, examples.
std::string operation_help(const ops::Operation& operation);

/// "--due DATE", "INVOICE…", "--yes": an argument as usage lines show it.
std::string spelled(const ops::Param& param);
/// "steward invoices issue INVOICE… [--due DATE]".
std::string usage_line(const ops::Operation& operation);
/// A command over several lines of at most `width` columns, each but the last ended by a backslash.
std::string spread_command(const std::string& line, std::size_t width = 100);
/// The help of an argument with its limits and choices.
std::string described(const ops::Param& param);

/// The flags every list has, as {flag, help}.
std::span<const std::pair<std::string_view, std::string_view>> list_flags();

}  // namespace steward::cli
