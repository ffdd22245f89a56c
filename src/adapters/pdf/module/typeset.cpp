#include "adapters/pdf/module/typeset.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {
namespace {

double points(int units) { return static_cast<double>(units) / PANGO_SCALE; }
int units(double points) { return static_cast<int>(std::lround(points * PANGO_SCALE)); }

Owned<PangoFontDescription> description_of(const std::string& families, const Style& style) {
  Owned<PangoFontDescription> out(pango_font_description_new());
  pango_font_description_set_family(out.get(), families.c_str());
  pango_font_description_set_weight(out.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_size(out.get(), units(style.size));
  return out;
}

// A fixed height of lines, so that a line with one foreign word stands no lower; no hyphens that nobody wrote.
Owned<PangoAttrList> attributes_of(const Style& style) {
  Owned<PangoAttrList> out(pango_attr_list_new());
  pango_attr_list_insert(out.get(), pango_attr_line_height_new_absolute(units(style.size * style.leading)));
  pango_attr_list_insert(out.get(), pango_attr_insert_hyphens_new(FALSE));
  if (style.spacing != 0) pango_attr_list_insert(out.get(), pango_attr_letter_spacing_new(units(style.spacing)));
  return out;
}

// What Pango calls left is where a paragraph begins: on the right in Arabic and Hebrew. Names stand where the others
// do.
void align(PangoLayout* layout, Side side) {
  const auto* first = pango_layout_get_line_readonly(layout, 0);
  const bool right_to_left = first->resolved_dir == PANGO_DIRECTION_RTL;
  pango_layout_set_alignment(layout, (side == Side::right) != right_to_left ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
}

// The first character that is drawn as a box; 0 when none is.
gunichar first_unknown(PangoLayout* layout) {
  const Owned<PangoLayoutIter> iter(pango_layout_get_iter(layout));
  do {
    const auto* run = pango_layout_iter_get_run_readonly(iter.get());
    for (int i = 0; run && i < run->glyphs->num_glyphs; ++i)
      if (const auto glyph = run->glyphs->glyphs[i].glyph; glyph & PANGO_GLYPH_UNKNOWN_FLAG)
        return glyph & ~PANGO_GLYPH_UNKNOWN_FLAG;
  } while (pango_layout_iter_next_run(iter.get()));
  return 0;
}

// "U+1F600 (😀)".
std::string name_of(gunichar c) {
  char code[16], letter[8] = {};
  std::snprintf(code, sizeof code, "U+%04X", c);
  letter[g_unichar_to_utf8(c, letter)] = '\0';
  return g_unichar_isgraph(c) ? std::string(code) + " (" + letter + ")" : code;
}

void require_glyphs(PangoLayout* layout, const std::string& field) {
  if (pango_layout_get_unknown_glyphs_count(layout) == 0) return;
  refuse(Refusal::Kind::precondition, "glyph_missing",
         "No font has the character " + name_of(first_unknown(layout)) + " of " + spoken(field) + ".",
         "Write it otherwise, or name a font that has it: [pdf] font in the configuration file.", field);
}

}  // namespace

Block::Block(std::shared_ptr<PangoLayout> layout) : layout_(std::move(layout)) {
  const Owned<PangoLayoutIter> iter(pango_layout_get_iter(layout_.get()));
  do {
    PangoRectangle area;
    pango_layout_iter_get_line_extents(iter.get(), nullptr, &area);
    lines_.push_back({pango_layout_iter_get_line_readonly(iter.get()), points(area.x), points(area.y),
                      points(pango_layout_iter_get_baseline(iter.get())), points(area.y + area.height)});
  } while (pango_layout_iter_next_line(iter.get()));
}

double Block::width() const {
  PangoRectangle area;
  if (!layout_) return 0;
  pango_layout_get_extents(layout_.get(), nullptr, &area);
  return points(area.width);
}

void Block::draw(cairo_t* cairo, double x, double y, Colour colour, std::size_t from, std::size_t to) const {
  cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
  for (auto i = from; i < std::min(to, lines_.size()); ++i) {
    cairo_move_to(cairo, x + lines_[i].x, y + lines_[i].baseline - lines_[from].top);
    pango_cairo_show_layout_line(cairo, lines_[i].line);
  }
}

void Block::draw_shapes(cairo_t* cairo, double x, double y, Colour colour) const {
  cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
  cairo_move_to(cairo, x, y);
  pango_cairo_layout_path(cairo, layout_.get());
  cairo_fill(cairo);
}

Typesetter::Typesetter(const Fonts& fonts)
    : families_(fonts.families), context_(pango_font_map_create_context(fonts.map)) {
  const Owned<cairo_font_options_t> options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context_.get(), options.get());
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  pango_context_set_language(context_.get(), pango_language_from_string("en"));  // not the caller's locale
  pango_context_set_base_dir(context_.get(), PANGO_DIRECTION_LTR);
}

Block Typesetter::set(const std::string& text, const Style& style, double width, const std::string& field,
                      Side side) const {
  if (text.empty()) return {};
  auto layout = shared(pango_layout_new(context_.get()));
  pango_layout_set_font_description(layout.get(), description_of(families_, style).get());
  pango_layout_set_attributes(layout.get(), attributes_of(style).get());
  pango_layout_set_text(layout.get(), text.c_str(), static_cast<int>(text.size()));
  pango_layout_set_width(layout.get(), units(width));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  if (style.cut) {
    pango_layout_set_height(layout.get(), -1);  // one line
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  }
  align(layout.get(), side);
  require_glyphs(layout.get(), field);
  return Block(std::move(layout));
}

}  // namespace steward::pdf
