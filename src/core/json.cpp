#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_set>

#include "core/error.h"
#include "core/json_flat.h"
#include "core/phrase.h"
#include "core/text.h"
#include "core/utf8.h"

namespace steward {

const Json* Json::find(std::string_view name) const {
  const auto* object = std::get_if<Object>(&value_);
  if (!object) return nullptr;
  const auto found = std::find_if(object->begin(), object->end(), [&](const Member& m) { return m.first == name; });
  return found == object->end() ? nullptr : &found->second;
}

Json* Json::find(std::string_view name) { return const_cast<Json*>(std::as_const(*this).find(name)); }

const Json& Json::at(std::string_view name) const {
  if (const auto* member = find(name)) return *member;
  throw std::out_of_range(fmt::format("The JSON value has no member \"{}\".", name));
}

Json& Json::set(std::string_view name, Json value) {
  if (is_null()) value_ = Object{};
  if (auto* member = find(name))
    *member = std::move(value);
  else
    members().emplace_back(std::string(name), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  items().push_back(std::move(value));
  return *this;
}

namespace {

// ---- Writing ----

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

/// Appends the first character of `text`, which is not plain; returns how many bytes it has.
std::size_t append_special(std::string& out, std::string_view text) {
  if (static_cast<unsigned char>(text[0]) < 0x80) {
    append_escape(out, text[0]);
    return 1;
  }
  const auto length = utf8_length(text);
  out.append(length == 0 ? "\uFFFD" : text.substr(0, length));
  return std::max<std::size_t>(length, 1);
}

class Writer {
 public:
  enum class Style { compact, canonical, pretty };
  explicit Writer(Style style) : style_(style) {}

  std::string write(const Json& value) {
    append(value);
    return std::move(out_);
  }

 private:
  void append(const Json& value) {
    if (value.is_null()) out_ += "null";
    if (value.is_bool()) out_ += value.boolean() ? "true" : "false";
    if (value.is_integer()) out_ += fmt::format_int(value.integer()).c_str();
    if (value.is_decimal()) out_ += value.decimal();
    if (value.is_text()) append_json_string(out_, value.text());
    if (value.is_array()) append_array(value.items());
    if (value.is_object()) append_object(value.members());
  }

  void append_array(const Json::Array& items) {
    open('[');
    for (const auto& item : items) {
      next(&item == &items.front());
      append(item);
    }
    close(']', items.empty());
  }

  void append_object(const Json::Object& members) {
    open('{');
    if (style_ == Style::canonical) {
      append_sorted(members);
    } else {
      for (const auto& member : members) append_member(member, &member == &members.front());
    }
    close('}', members.empty());
  }

  void append_sorted(const Json::Object& members) {
    std::vector<const Json::Member*> sorted;
    sorted.reserve(members.size());
    for (const auto& member : members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    for (const auto* member : sorted) append_member(*member, member == sorted.front());
  }

  void append_member(const Json::Member& member, bool first) {
    next(first);
    append_json_string(out_, member.first);
    out_ += style_ == Style::pretty ? ": " : ":";
    append(member.second);
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void next(bool first) {
    if (!first) out_ += ',';
    break_line();
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) break_line();
    out_ += bracket;
  }
  void break_line() {
    if (style_ == Style::pretty) out_.append(1, '\n').append(2 * depth_, ' ');
  }

  Style style_;
  std::size_t depth_ = 0;
  std::string out_;
};

// ---- Reading ----

[[noreturn]] void refuse_json(std::size_t byte, std::string_view reason) {
  throw Error{ErrorKind::usage, "invalid_json", fmt::format("The JSON is not valid at byte {}: {}.", byte, reason)}
      .with({{"byte", byte}});
}

/// Walks the text for nlohmann's lexer and lets us see how far it has read.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  std::size_t* read;

  reference operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at;
    ++*read;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
};

/// Takes nlohmann's SAX events, the names of which are given, and builds a Json.
class Builder {
 public:
  using Sax = nlohmann::json;
  explicit Builder(const std::size_t& read) : read_(read) {}
  Json take() { return std::move(root_); }

  bool null() { return put(nullptr), true; }
  bool boolean(bool value) { return put(value), true; }
  bool number_integer(std::int64_t value) { return put(value), true; }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return put(Json::Decimal{std::to_string(value)}), true;
    return put(static_cast<std::int64_t>(value)), true;
  }
  bool number_float(double, const std::string& as_written) { return put(Json::Decimal{as_written}), true; }
  bool string(std::string& text) { return put(std::move(text)), true; }
  bool binary(Sax::binary_t&) { return false; }  // never in text

  bool start_object(std::size_t) {
    descend(Json::object());
    open_.back().value->members().reserve(kUsualMembers);
    return true;
  }
  bool start_array(std::size_t) { return descend(Json::array()), true; }
  bool end_object() { return open_.pop_back(), true; }
  bool end_array() { return open_.pop_back(), true; }

  bool key(std::string& name) {
    if (!is_new(open_.back(), name)) refuse_json(read_, fmt::format("the member {} occurs twice", in_quotes(name)));
    open_.back().value->members().emplace_back(std::move(name), Json());
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const Sax::exception& error) {
    refuse_json(byte, reason_in(error.what()));
  }

 private:
  static constexpr std::size_t kDeepest = 64;
  static constexpr std::size_t kFewMembers = 16, kUsualMembers = 8;
  /// An array or object that is not closed yet. Its address is safe: it is the last of its parent, which waits.
  struct Open {
    Json* value;
    std::unordered_set<std::string> names;  // only once there are more than a few
  };

  Json* put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back().value;
    if (parent.is_array()) return &parent.items().emplace_back(std::move(value));
    Json& slot = parent.members().back().second;
    slot = std::move(value);
    return &slot;
  }

  void descend(Json container) {
    if (open_.size() == kDeepest) refuse_json(read_, fmt::format("it is nested deeper than {} levels", kDeepest));
    Json* value = put(std::move(container));
    open_.push_back({value, {}});
  }

  static bool is_new(Open& object, const std::string& name) {
    const auto& members = object.value->members();
    if (members.size() < kFewMembers) return object.value->find(name) == nullptr;
    if (object.names.empty())
      for (const auto& member : members) object.names.insert(member.first);
    return object.names.insert(name).second;
  }

  /// "… syntax error while parsing value - invalid literal; last read: 'tru}'" gives "invalid literal".
  static std::string reason_in(std::string_view what) {
    if (const auto dash = what.find(" - "); dash != what.npos) what.remove_prefix(dash + 3);
    if (const auto last = what.find("; last read"); last != what.npos) what = what.substr(0, last);
    if (const auto bracket = what.find("] "); what.starts_with('[') && bracket != what.npos)
      what.remove_prefix(bracket + 2);
    constexpr std::size_t kWidest = 100;  // it may quote a number of any length
    return cut_to_width(what, kWidest);
  }

  const std::size_t& read_;
  Json root_;
  std::vector<Open> open_;
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto run = plain_run(text);
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (!text.empty()) text.remove_prefix(append_special(out, text));
  }
  out += '"';
}

std::string to_text(const Json& value) { return Writer(Writer::Style::compact).write(value); }
std::string to_canonical(const Json& value) { return Writer(Writer::Style::canonical).write(value); }
std::string to_pretty(const Json& value) { return Writer(Writer::Style::pretty).write(value); }

Json parse_json(std::string_view text) {
  if (auto flat = read_flat_object(text)) return std::move(*flat);
  return parse_any_json(text);
}

Json parse_any_json(std::string_view text) {
  // The lexer takes a zero byte for the end, and would not look at what is behind it.
  if (const auto zero = text.find('\0'); zero != text.npos) refuse_json(zero + 1, "there is a zero byte");
  std::size_t read = 0;
  Builder builder(read);
  const char* end = text.data() + text.size();
  nlohmann::json::sax_parse(CountingIterator{text.data(), &read}, CountingIterator{end, &read}, &builder);
  return builder.take();
}

}  // namespace steward
