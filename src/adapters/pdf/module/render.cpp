// From a document to the bytes of a PDF; the module's one door.

#include <cairo-pdf.h>

#include "adapters/pdf/module/pages.h"
#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {
namespace {

cairo_status_t append(void* closure, const unsigned char* bytes, unsigned count) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

// The date is the document's: the clock would make every file another one.
void describe(cairo_surface_t* surface, const Document& document) {
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& text) {
    cairo_pdf_surface_set_metadata(surface, what, text.c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, document.number.empty() ? document.title : document.title + " " + document.number);
  set(CAIRO_PDF_METADATA_AUTHOR, document.studio.name);
  set(CAIRO_PDF_METADATA_CREATOR, "steward");
  set(CAIRO_PDF_METADATA_CREATE_DATE, document.date + "T00:00:00Z");
}

void paint(const Desk& desk, cairo_surface_t* surface) {
  const Owned<cairo_t> cairo(cairo_create(surface));
  const auto& pages = desk.pages.all();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    draw_furniture(desk, cairo.get(), i, pages.size());
    for (const auto& ink : pages[i]) ink(cairo.get());
    cairo_show_page(cairo.get());
  }
  cairo_surface_finish(surface);
  for (const auto status : {cairo_status(cairo.get()), cairo_surface_status(surface)})
    if (status != CAIRO_STATUS_SUCCESS)
      refuse(Refusal::Kind::defect, "defect",
             std::string("Cairo can't draw it: ") + cairo_status_to_string(status) + ".");
}

Outcome draw(const Document& document) {
  const auto texts = texts_of(document);
  check(document, texts);
  const auto fonts = fonts_for(texts, document.font);
  const Typesetter type(fonts);
  Pages pages;
  const Desk desk{document, type, palette_of(document.studio.colour), pages};
  compose_head(desk);
  for (std::size_t i = 0; i < document.tables.size(); ++i) compose_table(desk, i);
  compose_tail(desk);
  Outcome out;
  const Owned<cairo_surface_t> surface(
      cairo_pdf_surface_create_for_stream(append, &out.bytes, kPageWidth, kPageHeight));
  describe(surface.get(), document);
  paint(desk, surface.get());
  out.pages = static_cast<int>(pages.all().size());
  return out;
}

Outcome render(const Document& document) noexcept {
  Outcome out;
  try {
    return draw(document);
  } catch (const Refused& refused) {
    out.refusal = refused.refusal;
  } catch (const std::exception& bug) {
    out.refusal = {Refusal::Kind::defect, "defect", bug.what(), {}, {}};
  }
  return out;
}

constexpr Module kModule{kInterface, STEWARD_VERSION, &render};

}  // namespace
}  // namespace steward::pdf

extern "C" __attribute__((visibility("default"))) const steward::pdf::Module* steward_pdf_module() {
  return &steward::pdf::kModule;
}
