// The upper part of the first page.

#include <algorithm>

#include "adapters/pdf/module/logo.h"
#include "adapters/pdf/module/pages.h"

namespace steward::pdf {
namespace {

constexpr double kLogoWidth = 170, kLogoHeight = 56;
constexpr double kLeast = 60;                      // left for what the page is about
constexpr double kHalf = kMargin + 0.53 * kWidth;  // where the right half begins

// As large as its place allows, never larger than its pixels at 96 to the inch.
double draw_logo(const Desk& desk) {
  const auto image = read_logo(desk.document.studio.logo_png);
  const double width = cairo_image_surface_get_width(image.get()), height = cairo_image_surface_get_height(image.get());
  const auto scale = std::min({kLogoWidth / width, kLogoHeight / height, 0.75});
  desk.pages.put([=](cairo_t* cairo) {
    cairo_save(cairo);
    cairo_translate(cairo, kMargin, kFirstTop);
    cairo_scale(cairo, scale, scale);
    cairo_set_source_surface(cairo, image.get(), 0, 0);
    cairo_paint(cairo);
    cairo_restore(cairo);
  });
  return height * scale;
}

double put_name(const Desk& desk) {
  const auto name = desk.type.set(desk.document.studio.name, kName, kHalf - kMargin - 24, "studio.name");
  desk.pages.text(name, kMargin, kFirstTop, kInk);
  return name.height();
}

// One below the other; returns where the last one ends.
double put_lines(const Desk& desk, const std::vector<std::string>& lines, const std::string& field, const Style& style,
                 double x, double y, double width, Colour colour) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = desk.type.set(lines[i], style, width, field + "[" + std::to_string(i + 1) + "]");
    desk.pages.text(line, x, y, colour);
    y += line.height();
  }
  return y;
}

// The logo, or the name in its place, and the address beside it.
void put_letterhead(const Desk& desk) {
  const auto& studio = desk.document.studio;
  desk.pages.box(kMargin, 0, 44, 5, desk.palette.accent);
  const bool has_logo = !studio.logo_png.empty();
  const auto left = has_logo ? draw_logo(desk) : put_name(desk);
  double y = kFirstTop + 2;
  if (has_logo && !studio.name.empty()) {
    const auto name =
        desk.type.set(studio.name, {.size = 8, .bold = true, .leading = 1.45}, kRight - kHalf, "studio.name");
    desk.pages.text(name, kHalf, y, kInk);
    y += name.height();
  }
  y = put_lines(desk, studio.lines, "studio.lines", kSmall, kHalf, y, kRight - kHalf, kGrey);
  desk.pages.y = std::max({kFirstTop + left, y, kFirstTop + 44}) + 46;
}

std::string tag_of(Mark mark) { return mark == Mark::draft ? "DRAFT" : mark == Mark::voided ? "VOID" : ""; }

void put_title(const Desk& desk) {
  auto& pages = desk.pages;
  const auto& document = desk.document;
  const auto title = desk.type.set(document.title, kTitle, kWidth - 90, "title");
  pages.text(title, kMargin - 1, pages.y, kInk);
  if (const auto tag = tag_of(document.mark); !tag.empty()) {
    const auto colour = document.mark == Mark::voided ? kRed : kGrey;
    const auto word = desk.type.set(tag, kTag, 80, "title");
    const auto x = kMargin + title.width() + 14, y = pages.y + 14;
    pages.put([=](cairo_t* cairo) {
      cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
      cairo_set_line_width(cairo, 0.8);
      cairo_rectangle(cairo, x, y - 2.6, word.width() + 12, word.height() + 5);
      cairo_stroke(cairo);
    });
    pages.text(word, x + 6.5, y, colour);
  }
  pages.y += title.height() + 2;
  const auto number = desk.type.set(document.number, kHeading, kWidth, "number");
  pages.text(number, kMargin, pages.y, desk.palette.text);
  pages.y += number.height() + 30;
}

// Label and value side by side.
double put_facts(const Desk& desk, double y) {
  constexpr double kLabels = 84;
  for (const auto& fact : desk.document.facts) {
    const auto label = desk.type.set(fact.label, kLabel, kLabels - 8, "facts.label");
    const auto value = desk.type.set(fact.value, kBody, kRight - kHalf - kLabels, "facts." + fact.label);
    desk.pages.text(label, kHalf, y + 2, kGrey);
    desk.pages.text(value, kHalf + kLabels, y, kInk);
    y += std::max(label.height() + 2, value.height()) + 3;
  }
  return y;
}

const char* heading_of_client(Kind kind) {
  switch (kind) {
    case Kind::invoice:
      return "Billed to";
    case Kind::credit_note:
      return "Credited to";
    case Kind::proposal:
      return "Prepared for";
    default:
      return "Statement for";
  }
}

void put_parties(const Desk& desk) {
  const auto& client = desk.document.client;
  const auto top = desk.pages.y, width = kHalf - kMargin - 28;
  const auto label = desk.type.set(heading_of_client(desk.document.kind), kLabel, width, "client");
  const auto name = desk.type.set(client.name, kStrong, width, "client.name");
  desk.pages.text(label, kMargin, top, kGrey);
  auto left = top + label.height() + 4;
  desk.pages.text(name, kMargin, left, kInk);
  left = put_lines(desk, client.lines, "client.lines", kBody, kMargin, left + name.height(), width, kInk);
  desk.pages.y = std::max(left, put_facts(desk, top - 2)) + 30;
}

}  // namespace

void compose_head(const Desk& desk) {
  put_letterhead(desk);
  put_title(desk);
  put_parties(desk);
  require_room(desk.pages.y + kLeast <= kBottom, "The addresses and references", "client.lines");
}

}  // namespace steward::pdf
