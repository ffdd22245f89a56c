// Bytes as an import file: every line is one value or one Error, what is read survives being written, and where the
// stream is cut into pieces makes no difference.
#include <string>

#include "check.h"
#include "core/error.h"
#include "core/json_flat.h"
#include "core/json_lines.h"
#include "core/text.h"

using namespace steward;

namespace {

class Collector final : public JsonLineHandler {
 public:
  void record(std::int64_t line, Json value) override {
    must(line > last_);
    last_ = line;
    if (const auto flat = read_flat_object(to_text(value))) must(*flat == parse_any_json(to_text(value)));
    const auto text = to_canonical(value);
    must(is_utf8(text));
    must(to_canonical(parse_json(text)) == text);
    said += std::to_string(line) + text;
  }
  void bad_line(std::int64_t line, const Error& error, std::string_view) override {
    must(line > last_);
    last_ = line;
    must(error.kind() == ErrorKind::usage);
    said += std::to_string(line) + error.code();
  }
  std::string said;

 private:
  std::int64_t last_ = 0;
};

std::string read(std::string_view bytes, std::size_t at_once) {
  Collector collector;
  read_json_lines(bytes_of(bytes, at_once), collector);
  return collector.said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto flat = read_flat_object(bytes)) must(*flat == parse_any_json(bytes));
  must(read(bytes, 64 * 1024) == read(bytes, 7));
  return 0;
}
