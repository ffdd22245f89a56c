#include "core/enums.h"

#include <catch2/catch.hpp>

#include "refusal.h"

namespace steward {
namespace {

using test::refusal;

enum class Colour { red, dark_blue, green };
constexpr std::array<std::string_view, 3> kColourNames{"RED", "DARK_BLUE", "GREEN"};
constexpr EnumNames names_of(Colour) { return {"colour", kColourNames}; }

enum class Mode { read_only, write };
constexpr std::array<std::string_view, 2> kModeNames{"read-only", "write"};
constexpr EnumNames names_of(Mode) { return {"mode", kModeNames}; }

TEST_CASE("a value is written as it is stored", "[core][enums]") {
  CHECK(to_text(Colour::dark_blue) == "DARK_BLUE");
  CHECK(to_text(Mode::read_only) == "read-only");
}

TEST_CASE("a value is read in any case, with hyphens or underscores", "[core][enums]") {
  const auto [text, expected] = GENERATE(table<std::string, Colour>({{"RED", Colour::red},
                                                                     {"red", Colour::red},
                                                                     {"Dark_Blue", Colour::dark_blue},
                                                                     {"dark-blue", Colour::dark_blue},
                                                                     {"green", Colour::green}}));
  CHECK(parse_enum<Colour>(text) == expected);
  CHECK(parse_enum<Mode>("READ_ONLY") == Mode::read_only);
}

TEST_CASE("an unknown value is refused with those that are allowed", "[core][enums]") {
  const auto error = refusal([] { parse_enum<Colour>("gren"); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::usage);
  CHECK(error->code() == "invalid_choice");
  CHECK(error->what() == std::string("Unknown colour \"gren\": it can be RED, DARK_BLUE or GREEN."));
  CHECK(error->hint() == "Did you mean GREEN?");
  CHECK(to_text(error->details()) == R"({"allowed":["RED","DARK_BLUE","GREEN"]})");
}

TEST_CASE("words that only resemble a value are not taken for it", "[core][enums]") {
  const auto text = GENERATE(as<std::string>(), "", " red", "red ", "re", "darkblue", "dark blue", "0", "rèd");
  CHECK(refusal([&] { parse_enum<Colour>(text); }).has_value());
}

}  // namespace
}  // namespace steward
