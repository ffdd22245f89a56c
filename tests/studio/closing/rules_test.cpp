#include "studio/closing/rules.h"

#include <catch2/catch.hpp>

#include "core/error.h"

using namespace steward;
using namespace steward::closing;

namespace {

template <class Call>
std::string code_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

const Date kToday = parse_date("2026-03-02");

}  // namespace

TEST_CASE("a day that is not over can't be closed", "[closing][rules]") {
  CHECK(code_of([] { require_over(parse_date("2026-03-03"), kToday); }) == "in_the_future");
  CHECK(code_of([] { require_over(kToday, kToday); }) == "in_the_future");
  CHECK(code_of([] { require_over(parse_date("2026-03-01"), kToday); }).empty());
}

TEST_CASE("a closing goes further than the one before it", "[closing][rules]") {
  CHECK(code_of([] { require_later(kToday, std::nullopt); }).empty());
  CHECK(code_of([] { require_later(kToday, parse_date("2026-03-01")); }).empty());
  CHECK(code_of([] { require_later(kToday, kToday); }) == "books_closed");
  CHECK(code_of([] { require_later(kToday, parse_date("2026-04-01")); }) == "books_closed");
}

TEST_CASE("what is refused names the closing, the day and the argument", "[closing][rules]") {
  const std::string id = "019c0000-0000-7000-8000-0000deadbeef";
  try {
    refuse_closed(parse_date("2026-01-31"), parse_date("2026-02-28"), id, "date");
    FAIL("it was not refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::conflict);
    CHECK(error.code() == "books_closed");
    CHECK(error.field() == "date");
    CHECK(error.details().at("closing_id").text() == id);
    CHECK(error.details().at("until_date").text() == "2026-02-28");
    CHECK(std::string(error.what()).find("deadbeef") != std::string::npos);
    CHECK(std::string(error.what()).find("2026-01-31") != std::string::npos);
  }
}
