#include "adapters/pdf/document.h"

#include <algorithm>

namespace steward::pdf {

Table table_of(const std::vector<Line>& lines) {
  struct Part {
    const char* title;
    Column::Is is;
    std::string Line::*cell;
  };
  constexpr Part kParts[] = {{"Description", Column::Is::words, &Line::description},
                             {"Quantity", Column::Is::figure, &Line::quantity},
                             {"Unit price", Column::Is::figure, &Line::unit_price},
                             {"Tax", Column::Is::brief, &Line::tax},
                             {"Amount", Column::Is::figure, &Line::amount}};
  Table out;
  out.rows.resize(lines.size());
  for (const auto& part : kParts) {
    if (std::ranges::all_of(lines, [&](const Line& line) { return (line.*part.cell).empty(); })) continue;
    out.columns.push_back({part.title, part.is});
    for (std::size_t i = 0; i < lines.size(); ++i) out.rows[i].push_back(lines[i].*part.cell);
  }
  return out;
}

}  // namespace steward::pdf
