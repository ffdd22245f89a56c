#include "adapters/pdf/module/logo.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {
namespace {

constexpr unsigned kMostPixels = 4000;  // a side: 64 MB in memory at most
constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr std::size_t kHeader = 24;  // signature, length and name of IHDR, width, height

[[noreturn]] void refuse_logo(const std::string& what) {
  refuse(Refusal::Kind::precondition, "invalid_logo", "The studio's logo " + what + ".",
         "Name a PNG file of at most 4000 pixels a side: steward settings set business.logo FILE.", "studio.logo");
}

unsigned number_at(const std::string& png, std::size_t at) {
  unsigned out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(png[at + i]);
  return out;
}

// Before anything is unpacked: a small file may ask for gigabytes.
void check_header(const std::string& png) {
  if (png.size() < kHeader || !png.starts_with(kSignature)) refuse_logo("is no PNG");
  const auto width = number_at(png, 16), height = number_at(png, 20);
  if (width == 0 || height == 0) refuse_logo("is a damaged PNG");
  if (width > kMostPixels || height > kMostPixels)
    refuse_logo("has " + std::to_string(width) + " x " + std::to_string(height) + " pixels, which is too large");
}

struct Reader {
  const std::string& bytes;
  std::size_t at = 0;
};

cairo_status_t read(void* closure, unsigned char* into, unsigned count) {
  auto& reader = *static_cast<Reader*>(closure);
  if (reader.bytes.size() - reader.at < count) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(into, reader.bytes.data() + reader.at, count);
  reader.at += count;
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::shared_ptr<cairo_surface_t> read_logo(const std::string& png) {
  check_header(png);
  Reader reader{png};
  auto image = shared(cairo_image_surface_create_from_png_stream(read, &reader));
  if (cairo_surface_status(image.get()) != CAIRO_STATUS_SUCCESS) refuse_logo("is a damaged PNG");
  return image;
}

}  // namespace steward::pdf
