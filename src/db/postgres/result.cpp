#include "db/postgres/result.h"

#include <fmt/format.h>

#include <charconv>

#include "core/error.h"
#include "db/postgres/types.h"

namespace steward::db::postgres {
namespace {

constexpr std::int64_t kEpochMs = 946'684'800'000;  // 2000-01-01T00:00:00Z, from which PostgreSQL counts
constexpr std::chrono::sys_days kEpochDay{std::chrono::year{2000} / 1 / 1};

/// Big-endian, as the wire has it.
template <class Integer>
Integer read(std::string_view bytes, std::size_t at = 0) {
  std::make_unsigned_t<Integer> value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value = static_cast<std::make_unsigned_t<Integer>>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  return static_cast<Integer>(value);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Instant instant_of(std::string_view bytes) { return {floor_div(read<std::int64_t>(bytes), 1000) + kEpochMs}; }

Date date_of(std::string_view bytes) { return {kEpochDay + std::chrono::days{read<std::int32_t>(bytes)}}; }

void write_uuid(std::string_view bytes, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out.clear();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

[[noreturn]] void too_large() {
  throw Error{ErrorKind::usage, "amount_too_large", "A sum in the database is beyond 64 bits."};
}

/// A numeric is a row of base-10000 digits; `weight` places the first. Sums of bigint are whole.
std::int64_t integer_of_numeric(std::string_view bytes) {
  const auto digits = read<std::int16_t>(bytes), weight = read<std::int16_t>(bytes, 2);
  const bool negative = read<std::uint16_t>(bytes, 4) == 0x4000;
  std::int64_t value = 0;
  for (int i = 0; i <= weight; ++i) {
    const std::int64_t digit = i < digits ? read<std::int16_t>(bytes, 8 + 2 * static_cast<std::size_t>(i)) : 0;
    if (__builtin_mul_overflow(value, std::int64_t{10'000}, &value) ||
        (negative ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value)))
      too_large();
  }
  if (digits > weight + 1) throw Error{ErrorKind::defect, "defect", "A query yields a number with a fraction."};
  return value;
}

std::int64_t integer_of_text(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

void ResultRow::show(const PGresult* result) {
  result_ = result;
  texts_.resize(static_cast<std::size_t>(size()));
}

int ResultRow::size() const { return libpq().PQnfields(result_); }

bool ResultRow::is_null(int column) const { return libpq().PQgetisnull(result_, 0, column) == 1; }

std::string_view ResultRow::bytes(int column) const {
  return {libpq().PQgetvalue(result_, 0, column), static_cast<std::size_t>(libpq().PQgetlength(result_, 0, column))};
}

std::int64_t ResultRow::integer(int column) const {
  if (is_null(column)) return 0;
  const auto value = bytes(column);
  switch (libpq().PQftype(result_, column)) {
    case type::kInt8:
      return read<std::int64_t>(value);
    case type::kInt4:
      return read<std::int32_t>(value);
    case type::kInt2:
      return read<std::int16_t>(value);
    case type::kOid:
      return read<std::uint32_t>(value);
    case type::kBool:
      return value[0] != 0;
    case type::kNumeric:
      return integer_of_numeric(value);
    default:
      return integer_of_text(text(column));
  }
}

std::string_view ResultRow::text(int column) const {
  if (is_null(column)) return {};
  const auto value = bytes(column);
  auto& made = texts_[static_cast<std::size_t>(column)];
  switch (libpq().PQftype(result_, column)) {
    case type::kUuid:
      write_uuid(value, made);
      return made;
    case type::kTimestamptz:
      made.resize(24);
      write_instant(instant_of(value), made.data());
      return made;
    case type::kDate:
      return made = to_text(date_of(value));
    case type::kJsonb:
      return made = to_canonical(parse_json(value.substr(1)));  // the first byte is the format's version
    case type::kInt8:
    case type::kInt4:
    case type::kInt2:
    case type::kOid:
    case type::kBool:
    case type::kNumeric:
      return made = fmt::to_string(integer(column));
    default:
      return value;
  }
}

}  // namespace steward::db::postgres
