#include "adapters/pdf/module/texts.h"

#include <glib.h>

#include "adapters/pdf/module/refuse.h"

namespace steward::pdf {
namespace {

std::string numbered(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index + 1) + "]";
}

class Collector {
 public:
  void add(std::string field, const std::string& text) {
    if (!text.empty()) found_.push_back({std::move(field), &text});
  }
  void add_all(const std::string& field, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) add(numbered(field, i), texts[i]);
  }
  void add_facts(const std::string& field, const std::vector<Fact>& facts) {
    for (const auto& fact : facts) {
      add(field + ".label", fact.label);
      add(field + "." + fact.label, fact.value);
    }
  }
  std::vector<Named> take() { return std::move(found_); }

 private:
  std::vector<Named> found_;
};

bool is_control(gunichar c) { return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0); }

bool has_control(const std::string& text) {
  for (const char* at = text.c_str(); *at; at = g_utf8_next_char(at))
    if (is_control(g_utf8_get_char(at))) return true;
  return false;
}

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(g_ascii_tolower(c));
  return text;
}

}  // namespace

std::string cell_name(const Document& document, std::size_t table, std::size_t row, std::size_t column) {
  const auto& of = document.tables[table];
  const auto title = column < of.columns.size() ? lower(of.columns[column].title) : std::to_string(column + 1);
  const auto name = numbered("lines", row) + "." + title;
  return table == 0 ? name : numbered("tables", table) + "." + name;
}

std::vector<Named> texts_of(const Document& d) {
  Collector out;
  out.add("title", d.title);
  out.add("number", d.number);
  out.add("studio.name", d.studio.name);
  out.add_all("studio.lines", d.studio.lines);
  out.add("client.name", d.client.name);
  out.add_all("client.lines", d.client.lines);
  out.add_facts("facts", d.facts);
  for (std::size_t t = 0; t < d.tables.size(); ++t) {
    const auto& table = d.tables[t];
    out.add(numbered("tables", t) + ".heading", table.heading);
    for (const auto& column : table.columns) out.add(numbered("tables", t) + ".columns", column.title);
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      for (std::size_t c = 0; c < table.rows[r].size(); ++c) out.add(cell_name(d, t, r, c), table.rows[r][c]);
    for (const auto& sum : table.sums) {
      out.add("sums.label", sum.label);
      out.add("sums." + sum.label, sum.amount);
    }
  }
  out.add_facts("payment", d.payment);
  out.add("notes", d.notes);
  out.add("terms", d.terms);
  return out.take();
}

void check(const Document& document, const std::vector<Named>& texts) {
  std::size_t rows = 0;
  for (const auto& table : document.tables) rows += table.rows.size();
  if (rows > kMostRows)
    refuse(Refusal::Kind::usage, "text_too_long",
           "The document has " + std::to_string(rows) + " lines, and one holds " + std::to_string(kMostRows) + ".",
           "Divide it into several.");
  for (const auto& [field, text] : texts) {
    const auto size = static_cast<gssize>(text->size());
    if (!g_utf8_validate(text->c_str(), size, nullptr) || has_control(*text))
      refuse(Refusal::Kind::usage, "invalid_text",
             "The text of " + spoken(field) + " has control characters or is no UTF-8.", "Correct it.", field);
    if (text->size() > kLongestText)
      refuse(Refusal::Kind::usage, "text_too_long",
             "The text of " + spoken(field) + " has " + std::to_string(text->size()) +
                 " bytes, and a document's texts have at most " + std::to_string(kLongestText) + ".",
             "Shorten it.", field);
  }
}

// "client.name" -> "the client's name"; "lines[4].description" -> "the description of line 4"; others by their last
// word.
std::string spoken(const std::string& field) {
  const auto lines = field.find("lines[");
  const auto dot = field.rfind('.');
  const auto last = dot == std::string::npos ? field : field.substr(dot + 1);
  if (field.starts_with("client.name")) return "the client's name";
  if (field.starts_with("client.")) return "the client's address";
  if (field.starts_with("studio.name")) return "the studio's name";
  if (field.starts_with("studio.")) return "the studio's address";
  if (lines != std::string::npos)
    return "the " + last + " of line " + field.substr(lines + 6, field.find(']', lines) - lines - 6);
  if (dot != std::string::npos) return "'" + last + "'";
  return "the " + last;
}

}  // namespace steward::pdf
