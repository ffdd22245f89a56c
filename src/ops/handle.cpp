#include "ops/handle.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace steward::ops {
namespace {

constexpr std::size_t kShortestTail = 6;

std::string spelled(const HandleSpec& spec, std::string_view text) {
  switch (spec.spelling) {
    case HandleSpec::Spelling::lower:
      return to_lower(text);
    case HandleSpec::Spelling::upper:
      return to_upper(text);
    default:
      return std::string(text);
  }
}

bool is_tail(std::string_view text) {
  return text.size() >= kShortestTail && text.size() <= 36 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

// Tables and columns come from the rooms' own constants, never from a caller.
std::optional<std::string> by(db::Tx& tx, const HandleSpec& spec, std::string_view column, std::string_view value) {
  return tx.text(fmt::format("SELECT id FROM {} WHERE {} = $1", spec.table, column), {value});
}

// As it is typed, or else as such handles are spelled: what came from elsewhere keeps its own spelling.
std::optional<std::string> by_handle(db::Tx& tx, const HandleSpec& spec, std::string_view text) {
  if (auto id = by(tx, spec, spec.column, text)) return id;
  const auto usual = spelled(spec, text);
  return usual == text ? std::nullopt : by(tx, spec, spec.column, usual);
}

// The shortest tail is what the tables have an index of (migration 0008), spelled like this.
std::vector<std::string> by_tail(db::Tx& tx, const HandleSpec& spec, std::string_view tail) {
  const auto sql = fmt::format(
      "SELECT id FROM {} WHERE substr(CAST(id AS text), 31) = $1 AND CAST(id AS text) LIKE $2 ORDER BY id LIMIT 10",
      spec.table);
  const auto shortest = tail.substr(tail.size() - kShortestTail);
  return tx.all(sql, {shortest, fmt::format("%{}", tail)}, [](const db::Row& row) { return row.str(0); });
}

std::vector<std::pair<std::string, std::string>> completed(db::Tx& tx, const HandleSpec& spec, std::string_view column,
                                                           std::string_view condition, std::string_view prefix,
                                                           int at_most) {
  const auto label = spec.label.empty() ? std::string_view("''") : spec.label;
  const auto sql = fmt::format(
      "SELECT {0}, {1} FROM {2} WHERE {3} AND CAST({0} AS text) LIKE $1 ESCAPE '\\' ORDER BY {0} DESC LIMIT {4}",
      column, label, spec.table, condition, at_most);
  std::string pattern;
  for (const char c : prefix) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return tx.all(sql, {pattern + "%"}, [](const db::Row& row) { return std::pair(row.str(0), row.str(1)); });
}

[[noreturn]] void ambiguous(const HandleSpec& spec, std::string_view text, std::string_view field,
                            const std::vector<std::string>& ids) {
  throw Error{ErrorKind::usage, "ambiguous_handle",
              fmt::format("'{}' is the tail of more than one {}: {}.", text, spec.noun, join(ids, ", ")),
              "Type more of the id."}
      .at(field)
      .with(Json{{"candidates", Json(Json::Array(ids.begin(), ids.end()))}});
}

}  // namespace

std::string resolve_handle(db::Tx& tx, const HandleSpec& spec, std::string_view text, std::string_view field) {
  const std::string lower = to_lower(text);
  if (is_uuid(lower)) {
    if (by(tx, spec, "id", lower)) return lower;
  } else {
    if (!spec.column.empty())
      if (const auto id = by_handle(tx, spec, text)) return *id;
    if (is_tail(lower)) {
      const auto ids = by_tail(tx, spec, lower);
      if (ids.size() == 1) return ids.front();
      if (ids.size() > 1) ambiguous(spec, text, field, ids);
    }
  }
  // "a user", but "an invoice".
  const char* article = std::string_view("aeio").find(spec.noun.front()) == std::string_view::npos ? "a" : "an";
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no {} '{}'.", spec.noun, cut_to_width(text, 60)),
              fmt::format("Name {} {} by {}its id, or six or more hex digits at the end of it.", article, spec.noun,
                          spec.column.empty() ? "" : fmt::format("its {}, ", spec.column))}
      .at(field);
}

std::vector<std::pair<std::string, std::string>> complete_handle(db::Tx& tx, const HandleSpec& spec,
                                                                 std::string_view prefix) {
  if (spec.column.empty()) return completed(tx, spec, "id", "1 = 1", prefix, 50);
  // A draft has no number yet: it is named by its id, and first, since it waits for something.
  auto found = completed(tx, spec, "id", fmt::format("{} IS NULL", spec.column), to_lower(prefix), 10);
  const auto named =
      completed(tx, spec, spec.column, fmt::format("{} IS NOT NULL", spec.column), spelled(spec, prefix), 40);
  found.insert(found.end(), named.begin(), named.end());
  return found;
}

}  // namespace steward::ops
