#pragma once
#include <string>
#include <vector>

#include "adapters/pdf/document.h"

namespace steward::pdf {

/// The longest text that is drawn, in bytes; what the rooms keep is shorter.
inline constexpr std::size_t kLongestText = 20'000;
/// The most rows of a document, over all its tables.
inline constexpr std::size_t kMostRows = 10'000;

/// A text of a document with the name that an error gives it: "client.name", "lines[4].description".
struct Named {
  std::string field;
  const std::string* text;
};

/// Every text of it. A table's cells are named after its rows, counted from 1.
std::vector<Named> texts_of(const Document& document);

/// "lines[4].description"; the second and later tables are "table 2 lines[4].amount".
std::string cell_name(const Document& document, std::size_t table, std::size_t row, std::size_t column);

/// Refuses what is no text, and what is too much of it: usage "invalid_text", "text_too_long".
void check(const Document& document, const std::vector<Named>& texts);

/// "the description of line 4".
std::string spoken(const std::string& field);

}  // namespace steward::pdf
