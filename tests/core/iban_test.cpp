#include "core/iban.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"

using namespace steward;

TEST_CASE("an IBAN is read with or without blanks, in any case", "[iban][core]") {
  CHECK(parse_iban(" fr76 3000 6000 0112 3456 7890 189 ") == "FR7630006000011234567890189");
  CHECK(parse_iban("GB82 WEST 1234 5698 7654 32") == "GB82WEST12345698765432");
  CHECK(parse_iban("NO9386011117947") == "NO9386011117947");
  CHECK(parse_iban("MT84MALT011000012345MTLCAST001S") == "MT84MALT011000012345MTLCAST001S");
}

TEST_CASE("an IBAN with a wrong, swapped or missing character is refused, and not repeated", "[iban][core]") {
  const auto wrong = GENERATE(
      as<std::string>(), "FR7630006000011234567890188", "FR7630006000011234567980189", "FR763000600001123456789018",
      "DE00370400440532013000", "", "FR76", "12FR30006000011234567", "FRX630006000011234567890189",
      "FR76-3000-6000-0112-3456-7890-189", "FR76300060000112345678901891234567890", "GB82WEST1234569876543É");
  CAPTURE(wrong);
  try {
    parse_iban(wrong);
    FAIL("was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "invalid_iban");
    CHECK(error.exit_code() == 2);
    if (wrong.size() > 4) CHECK(std::string(error.what()).find(wrong) == std::string::npos);
  }
}
