#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace steward {

/// A JSON value that compiles fast and never rounds: integers are 64-bit, and a
/// number with a fraction or exponent keeps the very text it was written with.
/// Objects keep the order in which their members were added.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;
  /// A number that is no 64-bit integer, kept as its own text ("12.50").
  struct Decimal {
    std::string text;
    bool operator==(const Decimal&) const = default;
  };

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::size_t value) : value_(static_cast<std::int64_t>(value)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(Decimal number) : value_(std::move(number)) {}
  Json(Array items) : value_(std::move(items)) {}
  Json(Object members) : value_(std::move(members)) {}
  /// An object: `Json{{"from", "PAID"}, {"to", "ISSUED"}}`.
  Json(std::initializer_list<Member> members) : value_(Object(members)) {}

  static Json object() { return Json(Object{}); }
  static Json array() { return Json(Array{}); }

  bool is_null() const { return value_.index() == 0; }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_decimal() const { return std::holds_alternative<Decimal>(value_); }
  bool is_text() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// Each throws std::bad_variant_access (a defect) when the value is of another type.
  bool boolean() const { return std::get<bool>(value_); }
  std::int64_t integer() const { return std::get<std::int64_t>(value_); }
  const std::string& text() const { return std::get<std::string>(value_); }
  const std::string& decimal() const { return std::get<Decimal>(value_).text; }
  const Array& items() const { return std::get<Array>(value_); }
  Array& items() { return std::get<Array>(value_); }
  const Object& members() const { return std::get<Object>(value_); }
  Object& members() { return std::get<Object>(value_); }

  /// The member of that name, or null when this is no object or has none.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  /// As find(), but a missing member is std::out_of_range (a defect).
  const Json& at(std::string_view name) const;
  /// Adds or replaces a member; turns a null into an object first. Returns this value, for chaining.
  Json& set(std::string_view name, Json value);
  /// Adds an item; turns a null into an array first. Returns this value, for chaining.
  Json& push(Json value);

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, Decimal, std::string, Array, Object> value_;
};

/// Compact text in member order: what people and scripts are shown.
std::string to_text(const Json& value);
/// Canonical text: members sorted by name (bytes), no white space. What is stored or hashed.
std::string to_canonical(const Json& value);
/// Indented by two spaces, for a terminal.
std::string to_pretty(const Json& value);
/// Appends `text` as a JSON string with its quotes. The input must be UTF-8; bytes that
/// are not come out as U+FFFD so that the output is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

/// Reads one JSON value. Nesting deeper than 64 levels is refused; of two members with the
/// same name in one object the second is refused (it would be ambiguous what was meant).
/// Errors: Error{usage, "invalid_json"} that says where.
Json parse_json(std::string_view text);

}  // namespace steward
