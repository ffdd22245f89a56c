#pragma once
#include "cli/output.h"

namespace steward::cli {

// The four formats; make_renderer() chooses.
std::unique_ptr<Renderer> make_json_renderer(RenderOptions options, Stdout& out);
std::unique_ptr<Renderer> make_ndjson_renderer(RenderOptions options, Stdout& out);
std::unique_ptr<Renderer> make_csv_renderer(RenderOptions options, Stdout& out);
std::unique_ptr<Renderer> make_table_renderer(RenderOptions options, Stdout& out);

/// "Warning: …" on standard error.
void print_warnings(const std::vector<ops::Warning>& warnings, bool quiet);

/// What a format without room for it says of a page on standard error: that there are more, how many in all.
void print_page(const ops::Page& page);

/// A cell for people: nested JSON compact, null empty, terminal control characters removed.
std::string plain_text(const Json& value);

}  // namespace steward::cli
