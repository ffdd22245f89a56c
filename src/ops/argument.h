#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/countries.h"
#include "core/enums.h"
#include "core/instant.h"
#include "core/money.h"
#include "core/text.h"
#include "ops/handle.h"

namespace steward::ops {

// The types an operation's arguments are made of. Each owns its parsing, its name in the help, its limits and its
// completion; past the parser there is no raw text.

/// One line of text, cleaned (core/text.h), of at most N characters.
template <std::size_t N>
struct Text {
  std::string value;
  operator const std::string&() const { return value; }
};
/// Text that may have line breaks.
template <std::size_t N>
struct LongText {
  std::string value;
  operator const std::string&() const { return value; }
};
struct Email {
  std::string value;
  operator const std::string&() const { return value; }
};
struct Slug {
  std::string value;
  operator const std::string&() const { return value; }
};
/// A country by its two letters.
struct Country {
  std::string value;
  operator const std::string&() const { return value; }
};
struct WebUrl {
  std::string value;
  operator const std::string&() const { return value; }
};
/// A file on this machine that is read; "-" is standard input.
struct FilePath {
  std::string value;
};
/// A file or folder that is written; "-" is standard output.
struct NewFile {
  std::string value;
};
/// A decimal amount whose currency is known only when the record it belongs to is read.
struct Amount {
  std::string text;  ///< checked to be a decimal above zero; Money comes from parse_money(text, currency)
};
/// An amount that names its currency: "120.00 EUR". Holds a value once parsed.
struct Sum {
  std::optional<Money> money;
  operator const Money&() const { return *money; }
};
/// A whole number between A and B.
template <std::int64_t A, std::int64_t B>
struct Whole {
  std::int64_t value;
  operator std::int64_t() const { return value; }
};
/// A date, or a duration from today: "2026-11-22", "+30d".
struct DateOrSpan {
  std::optional<Date> date;
  Duration span{};
};
/// An instant (RFC 3339), a date (its first instant in studio.timezone), a local time in studio.timezone, or a duration
/// from now: "+36h".
struct InstantOrSpan {
  std::string text;
};
/// A member that an update may leave alone, set, or (with --clear NAME) empty.
template <class T>
struct Patch {
  enum class What { keep, set, clear } what = What::keep;
  std::optional<T> value;
  bool touched() const { return what != What::keep; }
};

/// What the help, the JSON schema and the completions say of a type.
struct TypeInfo {
  std::string label;                            ///< "EMAIL", "TEXT"
  std::string shape;                            ///< "at most 200 characters"; may be empty
  std::string_view json = "string";             ///< or "integer", "boolean"
  std::span<const std::string_view> choices{};  ///< for an enumeration
  const HandleSpec* handle = nullptr;           ///< for a reference
  enum class File { none, read, written } file = File::none;
};

/// Specialised for every type an argument may have.
template <class T>
struct ArgumentType;

template <std::size_t N>
struct ArgumentType<Text<N>> {
  static TypeInfo info() { return {"TEXT", "at most " + std::to_string(N) + " characters"}; }
  static Text<N> parse(std::string_view text, std::string_view field) { return {clean_text(text, field, N, false)}; }
};
template <std::size_t N>
struct ArgumentType<LongText<N>> {
  static TypeInfo info() { return {"TEXT", "at most " + std::to_string(N) + " characters, line breaks allowed"}; }
  static LongText<N> parse(std::string_view text, std::string_view field) { return {clean_text(text, field, N, true)}; }
};
template <>
struct ArgumentType<Email> {
  static TypeInfo info() { return {"EMAIL", "at most 254 characters"}; }
  static Email parse(std::string_view text, std::string_view) { return {parse_email(text)}; }
};
template <>
struct ArgumentType<Slug> {
  static TypeInfo info() { return {"SLUG", "words of a-z and 0-9 joined by -, at most 100 characters"}; }
  static Slug parse(std::string_view text, std::string_view) { return {parse_slug(text)}; }
};
template <>
struct ArgumentType<WebUrl> {
  static TypeInfo info() { return {"URL", "absolute http or https, at most 2000 bytes"}; }
  static WebUrl parse(std::string_view text, std::string_view) { return {parse_url(text)}; }
};
template <>
struct ArgumentType<Country> {
  static TypeInfo info() { return {"COUNTRY", "two letters of ISO 3166, such as DE"}; }
  static Country parse(std::string_view text, std::string_view) { return {parse_country(text)}; }
};
template <>
struct ArgumentType<FilePath> {
  static TypeInfo info() { return {"FILE", "", "string", {}, nullptr, TypeInfo::File::read}; }
  static FilePath parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<NewFile> {
  static TypeInfo info() { return {"FILE", "", "string", {}, nullptr, TypeInfo::File::written}; }
  static NewFile parse(std::string_view text, std::string_view field) {
    return {ArgumentType<FilePath>::parse(text, field).value};
  }
};
template <>
struct ArgumentType<Amount> {
  static TypeInfo info() { return {"AMOUNT", "decimal, such as 1250.00"}; }
  static Amount parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<Sum> {
  static TypeInfo info() { return {"SUM", "amount and currency, such as \"120.00 EUR\""}; }
  static Sum parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<Currency> {
  static TypeInfo info() { return {"CURRENCY", "ISO 4217, such as EUR"}; }
  static Currency parse(std::string_view text, std::string_view) { return Currency::parse(text); }
};
template <>
struct ArgumentType<Zone> {
  static TypeInfo info() { return {"ZONE", "IANA, such as Europe/Paris"}; }
  static Zone parse(std::string_view text, std::string_view) { return Zone::parse(text); }
};
template <>
struct ArgumentType<Date> {
  static TypeInfo info() { return {"DATE", "YYYY-MM-DD"}; }
  static Date parse(std::string_view text, std::string_view) { return parse_date(text); }
};
template <>
struct ArgumentType<Duration> {
  static TypeInfo info() { return {"DURATION", "such as 90d, 36h, 2w"}; }
  static Duration parse(std::string_view text, std::string_view) { return parse_duration(text); }
};
template <>
struct ArgumentType<DateOrSpan> {
  static TypeInfo info() { return {"DATE", "YYYY-MM-DD, or from today such as +30d"}; }
  static DateOrSpan parse(std::string_view text, std::string_view field);
};
template <>
struct ArgumentType<InstantOrSpan> {
  static TypeInfo info() { return {"INSTANT", "RFC 3339, a local time or date in studio.timezone, or +36h"}; }
  static InstantOrSpan parse(std::string_view text, std::string_view field);
};
/// A whole number as typed; anything outside [low, high] is Error{usage, "out_of_range"}.
std::int64_t parse_whole(std::string_view text, std::int64_t low, std::int64_t high);
template <std::int64_t A, std::int64_t B>
struct ArgumentType<Whole<A, B>> {
  static TypeInfo info() { return {"N", std::to_string(A) + " to " + std::to_string(B), "integer"}; }
  static Whole<A, B> parse(std::string_view text, std::string_view) { return {parse_whole(text, A, B)}; }
};
template <NamedEnum E>
struct ArgumentType<E> {
  static TypeInfo info() { return {to_upper(names_of(E{}).noun), "", "string", names_of(E{}).spelling}; }
  static E parse(std::string_view text, std::string_view) { return parse_enum<E>(text); }
};
template <class Tag>
struct ArgumentType<Ref<Tag>> {
  static TypeInfo info() { return {to_upper(Tag::spec.noun), "", "string", {}, &Tag::spec}; }
  static Ref<Tag> parse(std::string_view text, std::string_view field) { return {clean_text(text, field, 254, false)}; }
};

}  // namespace steward::ops
