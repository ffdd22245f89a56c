#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"
#include "core/id.h"
#include "core/instant.h"

namespace steward::db {

/// A statement's argument. Text is not copied: it must outlive the call it is passed to.
/// Instants are a type of their own, so that each engine binds its native one.
class Value {
 public:
  enum class Type { null, boolean, integer, text, instant };

  Value() = default;
  Value(std::nullptr_t) {}
  Value(std::nullopt_t) {}
  Value(bool value) : type_(Type::boolean), integer_(value) {}
  Value(int value) : type_(Type::integer), integer_(value) {}
  Value(std::int64_t value) : type_(Type::integer), integer_(value) {}
  Value(const char* text) : type_(Type::text), text_(text) {}
  Value(std::string_view text) : type_(Type::text), text_(text) {}
  Value(const std::string& text) : type_(Type::text), text_(text) {}
  Value(Instant at) : type_(Type::instant), integer_(at.ms) { write_instant(at, stamp_); }
  Value(Date date);
  template <class Tag>
  Value(const Id<Tag>& id) : Value(std::string_view(id.text)) {}
  template <NamedEnum E>
  Value(E choice) : Value(to_text(choice)) {}
  template <class T>
  Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : Value()) {}

  Type type() const { return type_; }
  std::int64_t integer() const { return integer_; }
  /// For text and instants.
  std::string_view text() const {
    return type_ == Type::instant ? std::string_view(stamp_, 24) : own_date() ? std::string_view(stamp_, 10) : text_;
  }

 private:
  bool own_date() const { return type_ == Type::text && integer_ == 1; }

  Type type_ = Type::null;
  std::int64_t integer_ = 0;
  std::string_view text_;
  char stamp_[24] = {};  ///< the text of an instant or a date, which nobody else owns
};

}  // namespace steward::db
