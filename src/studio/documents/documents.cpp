#include "studio/documents/documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/pdf/pdf.h"
#include "core/error.h"
#include "core/text.h"
#include "ops/deliver.h"
#include "ops/files.h"
#include "ops/settings.h"
#include "studio/settings/settings.h"

namespace steward::documents {
namespace {

constexpr ops::Column kColumns[] = {
    {"number", {}, ops::Kind::text, ops::Shown::always, "Empty for a draft"},
    {"file"},
    {"pages", {}, ops::Kind::integer},
    {"bytes", {}, ops::Kind::integer},
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto line : split(text, '\n'))
    if (!trim(line).empty()) out.emplace_back(trim(line));
  return out;
}

// The machine's own configuration goes before what all machines share.
std::string logo_of(ops::Context& context) {
  constexpr std::size_t kLargest = 4u << 20;
  const auto& own = context.house.document_logo;
  const auto file = own.empty() ? ops::setting(context.tx, "business.logo") : own;
  if (file.empty()) return {};
  try {
    return ops::read_file(file, kLargest);
  } catch (const Error& error) {
    if (error.code() != "file_too_large") throw;
    throw Error{ErrorKind::precondition, "invalid_logo",
                fmt::format("The studio's logo {} is larger than {} bytes.", file, kLargest),
                "Name a smaller PNG: steward settings set business.logo FILE."};
  }
}

// A name that no folder takes amiss, another one for every number: what came from elsewhere may hold a slash.
std::string file_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool hides = out.empty() && c == '.';
    if (c == '/' || c == '%' || hides || static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + ".pdf";
}

}  // namespace

const std::span<const ops::Column> kRenderedColumns = kColumns;

pdf::Document letterhead(ops::Context& context) {
  pdf::Document out;
  out.studio.name = ops::setting(context.tx, "business.legal_name");
  out.studio.lines = lines_of(ops::setting(context.tx, "business.address"));
  if (auto email = ops::setting(context.tx, "business.email"); !email.empty()) out.studio.lines.push_back(email);
  if (const auto tax_id = settings::in_clear(context, "business.tax_id"); !tax_id.empty())
    out.studio.lines.push_back("Tax number " + tax_id);
  out.studio.colour = ops::setting(context.tx, "business.colour");
  out.studio.logo_png = logo_of(context);
  out.font = context.house.document_font;
  return out;
}

std::string figure(const Money& money) { return decimal_text(money); }

std::string day(ops::Context& context, Instant at) { return to_text(date_in(context.zone(), at)); }

Json render(ops::Context& context, const pdf::Document& document, const ops::NewFile& to, const std::string& name) {
  const auto file = ops::file_for(context, to.value, file_name(name));
  const auto made = pdf::render(document);
  ops::replace_file(file, made.bytes);
  if (ops::is_standard_output(file)) return Json{{"text", ""}};  // the document is the answer
  return Json{{"number", document.number.empty() ? Json() : Json(document.number)},
              {"file", file},
              {"pages", made.pages},
              {"bytes", static_cast<std::int64_t>(made.bytes.size())}};
}

}  // namespace steward::documents
