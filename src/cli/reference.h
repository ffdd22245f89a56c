#pragma once
#include <string>
#include <vector>

#include "ops/registry.h"

namespace steward::cli {

// The documents that are made from the registry; a test fails when a committed one is stale.

/// docs/reference.md: every command with its arguments, rights and examples, and the permission table.
std::string reference_markdown(ops::Registry& registry);
/// docs/lifecycles.md: every lifecycle as a table of who moves where by which verb.
std::string lifecycles_markdown(ops::Registry& registry);

/// docs/errors.md: every error code, its exit code, what it means and what to do.
std::string errors_markdown();

struct ManPage {
  std::string name;  ///< "steward-invoices.1"
  std::string roff;  ///< mdoc
};
/// steward.1 and a page a group.
std::vector<ManPage> man_pages(ops::Registry& registry);

}  // namespace steward::cli
