#pragma once
#include <string>

#include "adapters/pdf/module/owned.h"

namespace steward::pdf {

/// Reads a PNG. Errors: precondition "invalid_logo" for what is none, is damaged, or has more than 4000 pixels a side.
std::shared_ptr<cairo_surface_t> read_logo(const std::string& png);

}  // namespace steward::pdf
