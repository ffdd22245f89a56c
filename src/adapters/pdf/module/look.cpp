#include "adapters/pdf/module/look.h"

#include <cmath>
#include <cstdlib>

namespace steward::pdf {
namespace {

constexpr Colour kHouse{0.12, 0.23, 0.37};

double linear(double part) { return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4); }

// Against white, as WCAG 2 defines it.
double contrast(Colour c) {
  const auto luminance = 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
  return 1.05 / (luminance + 0.05);
}

bool is_colour(const std::string& text) {
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
}

Colour colour_of(const std::string& text) {
  const auto part = [&](std::size_t at) {
    return static_cast<double>(std::strtol(text.substr(at, 2).c_str(), nullptr, 16)) / 255;
  };
  return {part(1), part(3), part(5)};
}

}  // namespace

Palette palette_of(const std::string& colour) {
  constexpr double kReadable = 3;  // WCAG 2, large text
  const auto accent = is_colour(colour) ? colour_of(colour) : kHouse;
  return {accent, contrast(accent) < kReadable ? kInk : accent};
}

}  // namespace steward::pdf
