// Bytes as an import's CSV: the first says how they are read. Every row is a record of the header's columns or one
// Error, where the stream is cut into pieces makes no difference, and what was read is read again from what
// append_csv_cell() writes of it.
#include <algorithm>
#include <set>
#include <string>

#include "check.h"
#include "core/charset.h"
#include "core/csv.h"
#include "core/error.h"

using namespace steward;

namespace {

class Collector final : public JsonLineHandler {
 public:
  void columns(const std::vector<std::string>& names, char) override {
    must(names_.empty() && !names.empty());
    names_ = names;
    for (const auto& name : names) said += "[" + name + "]";
  }
  void record(std::int64_t line, Json value) override {
    follow(line);
    std::set<std::string> seen;
    for (const auto& [name, cell] : value.members()) {
      must(seen.insert(name).second);
      must(std::ranges::count(names_, name) == 1);
      must(!cell.text().empty());
      said += name + "=" + cell.text() + ";";
    }
    records.push_back(std::move(value));
  }
  void bad_line(std::int64_t line, const Error& error, std::string_view original) override {
    follow(line);
    must(error.kind() == ErrorKind::usage);
    must(original.size() <= kLongestLine);
    said += error.code() + std::string(original);
  }
  std::string written(char delimiter) const {
    std::string out = "\xEF\xBB\xBF";  // only the first is a mark; a name may begin with another
    line(out, delimiter, [&](const std::string& name) { return name; });
    for (const auto& record : records)
      line(out, delimiter, [&](const std::string& name) {
        const auto* cell = record.find(name);
        return cell ? cell->text() : std::string();
      });
    return out;
  }
  std::string said;
  std::vector<Json> records;

 private:
  void follow(std::int64_t line) {
    must(line > last_);
    last_ = line;
  }
  template <class Cell>
  void line(std::string& out, char delimiter, Cell&& cell) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (i > 0) out += delimiter;
      append_csv_cell(out, cell(names_[i]), delimiter);
    }
    out += '\n';
  }

  std::vector<std::string> names_;
  std::int64_t last_ = 0;
};

// An Error is part of what was said: a header that is refused is refused however it comes.
Collector read(std::string_view bytes, std::size_t at_once, std::optional<Charset> charset,
               std::optional<char> delimiter) {
  Collector out;
  try {
    read_csv(as_utf8(bytes_of(bytes, at_once), charset), out, delimiter);
  } catch (const Error& error) {
    must(error.kind() == ErrorKind::usage);
    out.said += error.code();
  }
  return out;
}

// A row of nothing but empty cells in one column is a blank line, which is skipped.
void must_read_again(const Collector& first) {
  if (first.records.empty()) return;
  for (const auto& record : first.records)
    if (record.members().empty()) return;
  Collector again;
  const auto text = first.written('|');
  read_csv(bytes_of(text), again, '|');
  must(again.records == first.records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::optional<Charset> charset;
  std::optional<char> delimiter;
  if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) < 0x10) {  // no text begins so
    const auto how = static_cast<std::size_t>(bytes[0]);
    if (how < kCharsetNames.size()) charset = static_cast<Charset>(how);
    if (how % 2) delimiter = ';';
    bytes.remove_prefix(1);
  }
  const auto whole = read(bytes, 64 * 1024, charset, delimiter);
  must(whole.said == read(bytes, 7, charset, delimiter).said);
  must(whole.said == read(bytes, 1, charset, delimiter).said);
  must_read_again(whole);
  return 0;
}
