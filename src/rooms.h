#pragma once
#include <span>

#include "ops/registry.h"

namespace steward {

/// The program's table of contents: every group of commands, in the order in which `steward --help` lists them.
std::span<const ops::Room> rooms();

}  // namespace steward
