#include "studio/ledger/payee_rules.h"

#include <catch2/catch.hpp>

#include "core/refusal.h"
#include "core/text.h"

using namespace steward;
using namespace steward::ledger;
using test::refusal_code;

namespace {

TaxData whole(const std::string& country) {
  return {.entity_type = EntityType::individual,
          .country = country,
          .legal_name = "Ada Byron",
          .address_line1 = "12 Main St",
          .address_line2 = {},
          .city = "Springfield",
          .state = "IL",
          .postal_code = "62701",
          .tax_id = "987654321"};
}

std::string missing(const std::optional<TaxData>& data) {
  std::string out;
  for (const auto name : missing_of(data)) out += (out.empty() ? "" : " ") + std::string(name);
  return out;
}

}  // namespace

TEST_CASE("LG-8: of nobody's tax data all is missing that any country asks for", "[ledger][rules]") {
  CHECK(missing({}) == "legal_name entity_type address_line1 city country tax_id");
  CHECK(state_of({}) == TaxDataState::missing);
}

TEST_CASE("LG-8: a state is asked for in the US only, a postal code where there are any", "[ledger][rules]") {
  auto data = whole("US");
  CHECK(missing(data).empty());
  data.state.reset();
  CHECK(missing(data) == "state");
  data.country = "DE";
  CHECK(missing(data).empty());
  data.postal_code.reset();
  CHECK(missing(data) == "postal_code");
  data.country = "AE";
  CHECK(missing(data).empty());
}

TEST_CASE("LG-8: tax data may be kept without the tax number, and without nothing else", "[ledger][rules]") {
  auto data = whole("DE");
  data.tax_id.reset();
  CHECK_NOTHROW(require_whole(data));
  CHECK(state_of(data) == TaxDataState::incomplete);
  CHECK(state_of(whole("DE")) == TaxDataState::complete);
  data.city.reset();
  try {
    require_whole(data);
    FAIL("kept without a city");
  } catch (const Error& error) {
    CHECK(error.code() == "missing_argument");
    CHECK(error.field() == "city");
    CHECK(to_canonical(error.details()) == R"({"missing":["city"]})");
  }
  auto american = whole("US");
  american.state.reset();
  CHECK(refusal_code([&] { require_whole(american); }) == "missing_argument");
}

TEST_CASE("a tax number is letters and digits in upper case, and is never told when it is refused", "[ledger][rules]") {
  CHECK(checked_tax_id(" de 811 907 980 ", "tax-id") == "DE 811 907 980");
  CHECK(checked_tax_id("987-65-4321", "tax-id") == "987-65-4321");
  for (const auto* wrong : {"123", "- - - -", "98765432<script>", "１２３４５６", "1234;DROP"}) {
    CAPTURE(wrong);
    try {
      checked_tax_id(wrong, "tax-id");
      FAIL("taken for a tax number");
    } catch (const Error& error) {
      CHECK(error.code() == "invalid_value");
      CHECK(error.field() == "tax-id");
      CHECK(std::string(error.what()).find(wrong) == std::string::npos);
    }
  }
  CHECK(refusal_code([] { checked_tax_id(std::string(41, '1'), "tax-id"); }) == "text_too_long");
}

TEST_CASE("a tax number of the US has nine digits, another country's is its own affair", "[ledger][rules]") {
  CHECK_NOTHROW(require_tax_id_of("US", "98-7654321"));
  CHECK(refusal_code([] { require_tax_id_of("US", "98-765432"); }) == "invalid_value");
  CHECK(refusal_code([] { require_tax_id_of("US", "A98-7654321"); }) == "invalid_value");
  CHECK_NOTHROW(require_tax_id_of("DE", "DE1"));
}

TEST_CASE("LG-13: a masked tax number shows its last four, and never more than half of it", "[ledger][rules]") {
  CHECK(masked_tax_id("987-65-4321") == "…4321");
  CHECK(masked_tax_id("123456") == "…456");
  CHECK(masked_tax_id("1234") == "…34");
  CHECK(masked_tax_id("1") == "…");
}

TEST_CASE("an address is printed as its country writes it", "[ledger][rules]") {
  CHECK(join(address_lines(whole("US")), "|") == "12 Main St|Springfield, IL 62701|US");
  auto data = whole("DE");
  data.state.reset();
  data.address_line2 = "Hinterhaus";
  CHECK(join(address_lines(data), "|") == "12 Main St|Hinterhaus|62701 Springfield|DE");
  data.country = "AE";
  data.postal_code.reset();
  data.address_line2.reset();
  CHECK(join(address_lines(data), "|") == "12 Main St|Springfield|AE");
}
