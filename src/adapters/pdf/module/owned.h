#pragma once
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include <memory>

namespace steward::pdf {

struct Free {
  void operator()(void* object) const { g_object_unref(object); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
  void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
  void operator()(PangoAttrList* list) const { pango_attr_list_unref(list); }
  void operator()(PangoLayoutIter* iter) const { pango_layout_iter_free(iter); }
  void operator()(FcConfig* config) const { FcConfigDestroy(config); }
};

/// An object of one of those libraries, given back when nobody holds it.
template <class T>
using Owned = std::unique_ptr<T, Free>;
template <class T>
std::shared_ptr<T> shared(T* object) {
  return std::shared_ptr<T>(object, Free{});
}

}  // namespace steward::pdf
