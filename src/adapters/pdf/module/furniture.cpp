// What every page has.

#include <cmath>

#include "adapters/pdf/module/pages.h"

namespace steward::pdf {
namespace {

void draw_line(cairo_t* cairo, double at, Colour colour) {
  cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
  cairo_set_line_width(cairo, 0.5);
  cairo_move_to(cairo, kMargin, at);
  cairo_line_to(cairo, kRight, at);
  cairo_stroke(cairo);
}

// As shapes: the word itself stands beside the title, where a search finds it once.
void draw_watermark(const Desk& desk, cairo_t* cairo) {
  const auto mark = desk.document.mark;
  if (mark == Mark::none) return;
  const auto word = desk.type.set(mark == Mark::draft ? "DRAFT" : "VOID", kWatermark, -1, "title");
  cairo_save(cairo);
  cairo_translate(cairo, kPageWidth / 2, kPageHeight / 2 + 30);
  cairo_rotate(cairo, -std::atan2(kPageHeight, kPageWidth) + 0.05);
  word.draw_shapes(cairo, -word.width() / 2, -word.height() / 2, mark == Mark::draft ? kPale : kPaleRed);
  cairo_restore(cairo);
}

void draw_running_head(const Desk& desk, cairo_t* cairo) {
  constexpr double kAt = 52;
  const auto& document = desk.document;
  const auto what = document.number.empty() ? document.title : document.title + " " + document.number;
  desk.type.set(what, {.size = 8, .bold = true, .cut = true}, kWidth / 2, "title")
      .draw(cairo, kMargin, kAt, desk.palette.text);
  const auto whom =
      desk.type.set(document.client.name, {.size = 8, .cut = true}, kWidth / 2 - 20, "client.name", Side::right);
  whom.draw(cairo, kRight - (kWidth / 2 - 20), kAt, kGrey);
  draw_line(cairo, kAt + 18, kHairline);
}

void draw_foot(const Desk& desk, cairo_t* cairo, std::size_t page, std::size_t pages) {
  draw_line(cairo, kFoot, kHairline);
  desk.type.set(desk.document.studio.name, kFootnote, kWidth - 110, "studio.name")
      .draw(cairo, kMargin, kFoot + 8, kGrey);
  const auto count = desk.type.set("Page " + std::to_string(page + 1) + " of " + std::to_string(pages), kFootnote, 100,
                                   "page", Side::right);
  count.draw(cairo, kRight - 100, kFoot + 8, kGrey);
}

}  // namespace

void draw_furniture(const Desk& desk, cairo_t* cairo, std::size_t page, std::size_t pages) {
  draw_watermark(desk, cairo);
  if (page > 0) draw_running_head(desk, cairo);
  draw_foot(desk, cairo, page, pages);
}

}  // namespace steward::pdf
