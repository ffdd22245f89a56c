#include "adapters/pdf/module/pages.h"

#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {

void Pages::next() {
  pages_.emplace_back();
  y = kNextTop;
}

void Pages::need(double height) {
  if (height > room() && height <= most_room()) next();
}

void Pages::put(Ink ink) { pages_.back().push_back(std::move(ink)); }

void Pages::text(const Block& block, double x, double at, Colour colour, std::size_t from, std::size_t to) {
  if (!block.lines().empty()) put([=](cairo_t* cairo) { block.draw(cairo, x, at, colour, from, to); });
}

void Pages::text_right(const Block& block, double right, double at, Colour colour) {
  text(block, right - block.width(), at, colour);
}

void Pages::rule(double from, double to, double at, double weight, Colour colour) {
  put([=](cairo_t* cairo) {
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    cairo_set_line_width(cairo, weight);
    cairo_move_to(cairo, from, at);
    cairo_line_to(cairo, to, at);
    cairo_stroke(cairo);
  });
}

void Pages::box(double x, double at, double width, double height, Colour colour) {
  put([=](cairo_t* cairo) {
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    cairo_rectangle(cairo, x, at, width, height);
    cairo_fill(cairo);
  });
}

void require_room(bool fits, const std::string& what, const std::string& field) {
  if (!fits) refuse(Refusal::Kind::usage, "text_too_long", what + " don't fit on one page.", "Shorten them.", field);
}

}  // namespace steward::pdf
