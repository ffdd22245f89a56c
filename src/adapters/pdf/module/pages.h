#pragma once
#include <functional>
#include <vector>

#include "adapters/pdf/module/look.h"

namespace steward::pdf {

/// The pages as they fill, from top to bottom. What is put on one is drawn only when all are there, for then their
/// number is known.
class Pages {
 public:
  using Ink = std::function<void(cairo_t*)>;

  double y = kFirstTop;  ///< where the next thing goes

  double room() const { return kBottom - y; }
  static constexpr double most_room() { return kBottom - kNextTop; }

  void next();
  /// The next page, unless so much room is left. What fits no page begins where it stands.
  void need(double height);

  /// Lines [from, to) of a text with its top left corner at (x, at).
  void text(const Block& block, double x, double at, Colour colour, std::size_t from = 0,
            std::size_t to = std::string::npos);
  /// The same with its right edge at `right`.
  void text_right(const Block& block, double right, double at, Colour colour);
  void rule(double from, double to, double at, double weight, Colour colour);
  void box(double x, double at, double width, double height, Colour colour);
  void put(Ink ink);

  const std::vector<std::vector<Ink>>& all() const { return pages_; }

 private:
  std::vector<std::vector<Ink>> pages_{1};
};

/// What the parts of a document are made with.
struct Desk {
  const Document& document;
  const Typesetter& type;
  Palette palette;
  Pages& pages;
};

/// For parts that stay whole. Errors: usage "text_too_long": `what` does not fit on a page.
void require_room(bool fits, const std::string& what, const std::string& field);

/// Who sends it, what it is, whom it is for, and when.
void compose_head(const Desk& desk);
/// Rows, sums and all, over as many pages as it takes.
void compose_table(const Desk& desk, std::size_t index);
/// How it is paid, notes and terms.
void compose_tail(const Desk& desk);
/// What every page has: the studio and "Page 1 of 3" at its foot, a running head on later ones, DRAFT or VOID below
/// all.
void draw_furniture(const Desk& desk, cairo_t* cairo, std::size_t page, std::size_t pages);

}  // namespace steward::pdf
