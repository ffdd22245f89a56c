// What stands below the tables.

#include <algorithm>

#include "adapters/pdf/module/pages.h"

namespace steward::pdf {
namespace {

// A tinted panel, which stays whole.
void put_payment(const Desk& desk) {
  constexpr double kInset = 16, kColumns = 2, kLabels = 76;
  const auto& facts = desk.document.payment;
  if (facts.empty()) return;
  struct Pair {
    Block label, value;
    double height;
  };
  const double column = (kWidth - 2 * kInset) / kColumns;
  std::vector<Pair> pairs;
  for (const auto& fact : facts) {
    Pair pair{desk.type.set(fact.label, kLabel, kLabels - 8, "payment.label"),
              desk.type.set(fact.value, kBody, column - kLabels - 12, "payment." + fact.label), 0};
    pair.height = std::max(pair.label.height() + 2, pair.value.height()) + 4;
    pairs.push_back(std::move(pair));
  }
  double height = 2 * kInset - 4;
  for (std::size_t i = 0; i < pairs.size(); i += 2)
    height += std::max(pairs[i].height, i + 1 < pairs.size() ? pairs[i + 1].height : 0);
  auto& pages = desk.pages;
  require_room(height <= Pages::most_room(), "The words on how it is paid", "payment");
  pages.need(height);
  pages.box(kMargin, pages.y, kWidth, height, kPale);
  pages.box(kMargin, pages.y, 2.5, height, desk.palette.accent);
  double y = pages.y + kInset;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    double row = 0;
    for (std::size_t side = 0; side < 2 && i + side < pairs.size(); ++side) {
      const auto& pair = pairs[i + side];
      const auto x = kMargin + kInset + static_cast<double>(side) * column;
      pages.text(pair.label, x, y + 2, kGrey);
      pages.text(pair.value, x + kLabels, y, kInk);
      row = std::max(row, pair.height);
    }
    y += row;
  }
  pages.y += height + 24;
}

// Running text, which goes on over the next page; never a single line of it alone at a page's foot.
void put_paragraph(const Desk& desk, const std::string& text, const std::string& field, const Style& style,
                   Colour colour) {
  if (text.empty()) return;
  auto& pages = desk.pages;
  const auto block = desk.type.set(text, style, 0.82 * kWidth, field);
  const auto& lines = block.lines();
  pages.need(lines[std::min<std::size_t>(lines.size(), 2) - 1].bottom);
  for (std::size_t at = 0; at < lines.size();) {
    auto end = at;
    while (end < lines.size() && lines[end].bottom - lines[at].top <= pages.room()) ++end;
    if (end == lines.size() - 1 && end > at + 1) --end;  // the last line takes one with it
    pages.text(block, kMargin, pages.y, colour, at, end);
    if (end > at) pages.y += lines[end - 1].bottom - lines[at].top;
    if (end < lines.size()) pages.next();
    at = end;
  }
  pages.y += 14;
}

}  // namespace

void compose_tail(const Desk& desk) {
  put_payment(desk);
  put_paragraph(desk, desk.document.notes, "notes", kBody, kInk);
  put_paragraph(desk, desk.document.terms, "terms", kSmall, kGrey);
}

}  // namespace steward::pdf
