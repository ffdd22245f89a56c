#pragma once
#include <string>
#include <vector>

#include "adapters/pdf/module/fonts.h"
#include "adapters/pdf/module/owned.h"

namespace steward::pdf {

struct Colour {
  double red, green, blue;
};

struct Style {
  double size;  ///< points
  bool bold = false;
  double leading = 1.35;  ///< of a line, in sizes
  double spacing = 0;     ///< between letters, in points
  bool cut = false;       ///< one line, the rest cut with "…": for what stands in full elsewhere
};

enum class Side { left, right };

/// A text that was set: its lines, each a baseline below the top. Height and positions in points.
class Block {
 public:
  struct Line {
    PangoLayoutLine* line;
    double x, top, baseline, bottom;
  };
  Block() = default;
  explicit Block(std::shared_ptr<PangoLayout> layout);

  double height() const { return lines_.empty() ? 0 : lines_.back().bottom; }
  double width() const;  ///< of its widest line
  const std::vector<Line>& lines() const { return lines_; }
  /// Draws lines [from, to) so that the first begins at (x, y).
  void draw(cairo_t* cairo, double x, double y, Colour colour, std::size_t from = 0,
            std::size_t to = std::string::npos) const;
  /// As shapes, not as text: what is drawn is not found by a search.
  void draw_shapes(cairo_t* cairo, double x, double y, Colour colour) const;

 private:
  std::shared_ptr<PangoLayout> layout_;
  std::vector<Line> lines_;
};

/// Sets texts in one document's fonts.
class Typesetter {
 public:
  explicit Typesetter(const Fonts& fonts);
  /// At most `width` wide; longer words are broken. `field` names it in an error. Errors: precondition "glyph_missing".
  Block set(const std::string& text, const Style& style, double width, const std::string& field,
            Side side = Side::left) const;

 private:
  std::string families_;
  Owned<PangoContext> context_;
};

}  // namespace steward::pdf
