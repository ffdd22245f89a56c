#pragma once
#include <string>

#include "adapters/pdf/document.h"

/// Documents as PDF: A4, embedded fonts, the same bytes for the same document.
namespace steward::pdf {

struct Pdf {
  std::string bytes;
  int pages;
};

/// Draws it, with the module that is loaded when the first document is asked for. Errors: precondition
/// "pdf_module_missing"; "font_missing" when a font is not installed or can't be read; "glyph_missing" when no font has
/// one of its characters; "invalid_logo"; usage "invalid_text", "text_too_long".
Pdf render(const Document& document);

}  // namespace steward::pdf
