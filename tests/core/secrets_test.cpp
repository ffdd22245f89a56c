#include "core/secrets.h"

#include <catch2/catch.hpp>

#include "core/error.h"

using namespace steward;

namespace {
const std::string kSecret = "aB3-_" + std::string(38, 'x');
const std::string kToken = "stw_abcdefghijk2_" + kSecret;
}  // namespace

TEST_CASE("of a token only the public part stays, wherever it stands", "[core][secrets]") {
  CHECK(without_token_secrets(kToken) == "stw_abcdefghijk2_…");
  CHECK(without_token_secrets("use " + kToken + ", please") == "use stw_abcdefghijk2_…, please");
  CHECK(without_token_secrets(kToken + " " + kToken) == "stw_abcdefghijk2_… stw_abcdefghijk2_…");
  CHECK(without_token_secrets("stw_" + kToken) == "stw_stw_abcdefghijk2_…");
  CHECK(without_token_secrets(kToken.substr(0, 40)) == "stw_abcdefghijk2_…");
}

TEST_CASE("text without a token stays as it is", "[core][secrets]") {
  for (const std::string text : {"", "stw_", "stw_abc", "stw_abcdefghijk2", "stw_abcdefghijk2_", "stw_abcdefghijk2_…",
                                 "stw_ABCDEFGHIJK2_secret", "stwabcdefghijk2_secret", "Invoice INV-2026-0001"})
    CHECK(without_token_secrets(text) == text);
}

TEST_CASE("no error says a token's secret", "[core][secrets]") {
  const Error error{ErrorKind::usage, "invalid_text", "What is " + kToken + "?", "Revoke " + kToken + "."};
  CHECK(std::string(error.what()) == "What is stw_abcdefghijk2_…?");
  CHECK(error.hint() == "Revoke stw_abcdefghijk2_….");
}
