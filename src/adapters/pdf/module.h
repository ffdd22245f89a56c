#pragma once
#include <string>

#include "adapters/pdf/document.h"

/// What stands between steward and steward_pdf.so, which holds Cairo and Pango and is loaded on first use. Plain values
/// both ways: no exception crosses, and the module needs nothing of the rest of steward.
namespace steward::pdf {

struct Refusal {
  enum class Kind { usage, precondition, defect } kind = Kind::defect;
  std::string code, sentence, hint;
  std::string field;  ///< "client.name", "lines[4].description"; may be empty
};

struct Outcome {
  std::string bytes;
  int pages = 0;
  Refusal refusal;  ///< with a code: nothing was made
};

/// Raised whenever a struct that crosses changes, so that a module that was left behind is named and not called.
inline constexpr unsigned kInterface = 1;

struct Module {
  unsigned interface;
  const char* version;  ///< steward's own
  Outcome (*render)(const Document&) noexcept;
};

}  // namespace steward::pdf

/// The one symbol that the module exports.
extern "C" const steward::pdf::Module* steward_pdf_module();
