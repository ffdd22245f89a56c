#pragma once
#include <string>
#include <vector>

#include "adapters/pdf/module/owned.h"
#include "adapters/pdf/module/texts.h"

namespace steward::pdf {

/// The fonts that one document is set in: those its letters need, and no other of the machine's.
struct Fonts {
  PangoFontMap* map;     ///< kept for the next document with the same letters
  std::string families;  ///< in the order they are tried
};

/// The same texts find the same fonts, whatever was drawn before, and whatever fonts and settings a user has. `own` is
/// a font file, or a folder of them, that is tried first; empty: none. Errors: precondition "font_missing".
Fonts fonts_for(const std::vector<Named>& texts, const std::string& own);

}  // namespace steward::pdf
