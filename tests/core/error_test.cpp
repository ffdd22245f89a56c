#include "core/error.h"

#include <catch2/catch.hpp>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;

TEST_CASE("the kind of an error is its exit code, and only temporary ones are worth a retry", "[core][error]") {
  const auto [kind, exit_code] = GENERATE(table<ErrorKind, int>({{ErrorKind::defect, 1},
                                                                 {ErrorKind::usage, 2},
                                                                 {ErrorKind::permission, 3},
                                                                 {ErrorKind::not_found, 4},
                                                                 {ErrorKind::conflict, 5},
                                                                 {ErrorKind::precondition, 6},
                                                                 {ErrorKind::temporary, 7}}));
  const Error error{kind, "some_code", "It failed."};
  CHECK(error.exit_code() == exit_code);
  CHECK(error.retryable() == (exit_code == 7));
}

TEST_CASE("field and details are chained where an error is thrown", "[core][error]") {
  const auto error = refusal([] {
    throw Error{ErrorKind::conflict, "invalid_transition", "No.", "Do this."}.at("status").with(
        {{"from", "PAID"}, {"to", "ISSUED"}});
  });
  REQUIRE(error);
  CHECK(error->field() == "status");
  CHECK(to_text(error->details()) == R"({"from":"PAID","to":"ISSUED"})");
}

TEST_CASE("a caught error can be given its field", "[core][error]") {
  Error error{ErrorKind::usage, "invalid_money", "No."};
  CHECK(&error.at("amount") == &error);
  CHECK(error.field() == "amount");
}

TEST_CASE("a reworded error differs in its sentence alone", "[core][error]") {
  const auto error = Error{ErrorKind::usage, "invalid_date", "Not a date.", "Write it so."}.at("due").with({{"n", 1}});
  const auto other = error.reworded("Line 3: not a date.");
  CHECK(other.what() == std::string("Line 3: not a date."));
  CHECK(other.kind() == error.kind());
  CHECK(other.code() == error.code());
  CHECK(other.hint() == error.hint());
  CHECK(other.field() == error.field());
  CHECK(other.details() == error.details());
}

TEST_CASE("each shorthand throws its kind with all it was given", "[core][error]") {
  const auto usage = refusal([] { refuse_usage("a", "A.", "field", "hint"); });
  const auto conflict = refusal([] { refuse_conflict("b", "B.", "hint"); });
  const auto precondition = refusal([] { refuse_precondition("c", "C.", "hint"); });
  REQUIRE((usage && conflict && precondition));
  CHECK(usage->kind() == ErrorKind::usage);
  CHECK(usage->field() == "field");
  CHECK(conflict->kind() == ErrorKind::conflict);
  CHECK(conflict->code() == "b");
  CHECK(precondition->kind() == ErrorKind::precondition);
  CHECK(precondition->what() == std::string("C."));
  for (const auto& error : {*usage, *conflict, *precondition}) CHECK(error.hint() == "hint");
}

}  // namespace
}  // namespace steward
