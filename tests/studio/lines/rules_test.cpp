#include "studio/lines/rules.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "core/refusal.h"

namespace steward::lines {
namespace {

using test::refusal;
using test::refusal_code;

TaxTerms vat(int rate_bp, const std::string& treatment = "STANDARD") {
  return {"id-" + std::to_string(rate_bp) + treatment, "VAT" + std::to_string(rate_bp), treatment, rate_bp};
}

Line line(std::int64_t net, const std::optional<TaxTerms>& tax = {}) { return {"x", kOne, net, net, tax}; }

std::int64_t gross_of(const std::vector<TaxGroup>& groups) {
  std::int64_t out = 0;
  for (const auto& group : groups) out += group.gross();
  return out;
}

TEST_CASE("a line's net is quantity times price, rounded once, a half away from zero", "[lines][rules]") {
  CHECK(net_of({15'000}, 10'000) == 15'000);
  CHECK(net_of({2'500}, 2) == 1);
  CHECK(net_of({2'500}, -2) == -1);
  CHECK(net_of({3'333}, 100) == 33);
  CHECK(net_of({1}, 4'999) == 0);
  CHECK(net_of({1}, 5'000) == 1);
  CHECK(net_of({10'000'000'000'000}, 9'000'000) == 9'000'000'000'000'000);
  CHECK(refusal_code([] { net_of({10'000'000'000'000}, kMaxMinor); }) == "amount_too_large");
}

TEST_CASE("tax is rounded once for all lines of one tax, not line by line", "[lines][rules]") {
  // 0.63 of a cent a line would be 1 each, 3 in all; of the sum it is 1.89.
  const auto out = break_down({line(3, vat(2'100)), line(3, vat(2'100)), line(3, vat(2'100))});
  REQUIRE(out.groups.size() == 1);
  CHECK(out.groups[0].net == 9);
  CHECK(out.groups[0].tax_amount == 2);
  CHECK(out.gross() == 11);
}

TEST_CASE("lines are grouped by tax in the order that first names each", "[lines][rules]") {
  const auto out = break_down({line(100, vat(2'100)), line(50), line(10, vat(900)), line(100, vat(2'100)), line(7)});
  REQUIRE(out.groups.size() == 3);
  CHECK(out.groups[0].tax_id() == vat(2'100).id);
  CHECK(out.groups[0].net == 200);
  CHECK(out.groups[0].tax_amount == 42);
  CHECK(out.groups[1].tax_id() == "");
  CHECK(out.groups[1].net == 57);
  CHECK(out.groups[1].tax_amount == 0);
  CHECK(out.groups[2].tax_amount == 1);
  CHECK(out.net() == 267);
  CHECK(out.tax() == 43);
  CHECK(out.gross() == 310);
}

TEST_CASE("what is exempt, or taxed at the buyer's, adds no tax and stays apart", "[lines][rules]") {
  const auto out = break_down({line(100, vat(0, "EXEMPT")), line(100, vat(0, "REVERSE_CHARGE"))});
  CHECK(out.groups.size() == 2);
  CHECK(out.tax() == 0);
  CHECK(is_reverse_charged(out));
  CHECK_FALSE(is_reverse_charged(break_down({line(100, vat(0, "EXEMPT")), line(1)})));
}

TEST_CASE("a discount is taken of its own tax, and at most all of it", "[lines][rules]") {
  const auto out = break_down({line(1'000, vat(2'100)), line(-100, vat(2'100))});
  CHECK(out.groups.at(0).tax_amount == 189);
  CHECK(break_down({line(100, vat(2'100)), line(-100, vat(2'100)), line(5)}).gross() == 5);
  const auto error = refusal([] { break_down({line(100), line(-1, vat(2'100))}); });
  REQUIRE(error);
  CHECK(error->code() == "negative_total");
  CHECK(error->field() == "lines");
  CHECK_THAT(error->what(), Catch::Contains("VAT2100"));
  CHECK(refusal_code([] { break_down({line(100), line(-100)}); }) == "negative_total");
  CHECK(refusal_code([] { break_down({line(0)}); }) == "negative_total");
}

TEST_CASE("lines that leave the limits together are refused", "[lines][rules]") {
  CHECK(refusal_code([] { break_down({line(kMaxMinor), line(1)}); }) == "amount_too_large");
  CHECK(refusal_code([] { break_down({line(kMaxMinor, vat(1))}).gross(); }) == "amount_too_large");
  CHECK(break_down({line(kMaxMinor)}).gross() == kMaxMinor);
}

TEST_CASE("an amount is met exactly as net or as gross", "[lines][rules]") {
  const auto net = of_net("x", 10'000, vat(2'100));
  CHECK(net.net() == 10'000);
  CHECK(net.tax() == 2'100);
  const auto gross = of_gross("x", 12'100, vat(2'100));
  CHECK(gross.net() == 10'000);
  CHECK(gross.tax() == 2'100);
  CHECK(of_gross("x", 3, vat(2'100)).net() == 2);
  CHECK(of_gross("x", 77, {}).net() == 77);
  CHECK(of_gross("x", 77, {}).tax() == 0);
  std::mt19937_64 random(7);
  for (int i = 0; i < 5'000; ++i) {
    const auto amount = 1 + static_cast<std::int64_t>(random() % 100'000'000);
    const auto tax = vat(static_cast<int>(random() % 10'001));
    const auto out = of_gross("x", amount, tax);
    REQUIRE(out.gross() == amount);
    REQUIRE(std::abs(out.tax() - scaled(out.net(), tax.rate_bp, 10'000)) <= 1);
    REQUIRE(out.lines.at(0).net == out.groups.at(0).net);
  }
}

// ---- a part of a document

std::vector<TaxGroup> random_groups(std::mt19937_64& random) {
  std::vector<Line> lines;
  const auto count = 1 + random() % 5;
  const auto most = 1 + random() % (random() % 2 ? 20 : 1'000'000);
  for (std::size_t i = 0; i < count; ++i)
    lines.push_back(line(1 + static_cast<std::int64_t>(random() % most),
                         vat(static_cast<int>(random() % 4 * 700), random() % 2 ? "STANDARD" : "REDUCED")));
  return break_down(std::move(lines)).groups;
}

TEST_CASE("a tax that somebody else stated stays, and the net is the rest", "[lines][rules]") {
  const auto out = of_gross_stating("x", 12'100, 2'099, vat(2'100));
  CHECK(out.gross() == 12'100);
  CHECK(out.tax() == 2'099);
  CHECK(out.net() == 10'001);
  CHECK(out.lines.at(0).net == 10'001);
}

TEST_CASE("the parts of a portion add up, and none is more than its group has", "[lines][rules]") {
  const auto seed = GENERATE(range(1u, 6u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    const auto groups = random_groups(random);
    const auto whole = gross_of(groups);
    const auto wanted = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(whole));
    CAPTURE(i, whole, wanted);
    const auto part = portion("Part", groups, wanted);
    REQUIRE(part.gross() == wanted);
    REQUIRE(part.lines.size() == part.groups.size());
    for (std::size_t g = 0; g < part.groups.size(); ++g) {
      REQUIRE(part.groups[g].net >= 0);
      REQUIRE(part.groups[g].tax_amount >= 0);
      REQUIRE(part.lines[g].net == part.groups[g].net);
    }
    REQUIRE(gross_of(less(groups, part.groups)) == whole - wanted);  // throws where a part is more than there is
  }
}

TEST_CASE("parts taken one after the other use a document up to nothing in each tax", "[lines][rules]") {
  const auto seed = GENERATE(range(1u, 4u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 300; ++i) {
    auto left = random_groups(random);
    for (auto rest = gross_of(left); rest > 0; rest = gross_of(left)) {
      CAPTURE(i, rest);
      const auto wanted =
          random() % 4 == 0 ? rest : 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rest));
      left = less(left, portion("Part", left, wanted).groups);
    }
    for (const auto& group : left) {
      REQUIRE(group.net == 0);
      REQUIRE(group.tax_amount == 0);
    }
  }
}

TEST_CASE("all of a document is each of its groups as it is", "[lines][rules]") {
  const auto whole = break_down({line(333, vat(2'100)), line(77, vat(900)), line(5)});
  const auto part = portion("All", whole.groups, whole.gross());
  REQUIRE(part.groups.size() == whole.groups.size());
  for (std::size_t i = 0; i < whole.groups.size(); ++i) {
    CHECK(part.groups[i].net == whole.groups[i].net);
    CHECK(part.groups[i].tax_amount == whole.groups[i].tax_amount);
    CHECK(part.lines[i].description == "All");
  }
}

TEST_CASE("a group that a discount used up gives nothing", "[lines][rules]") {
  const auto whole = break_down({line(10, vat(2'100)), line(-10, vat(2'100)), line(100)});
  const auto part = portion("Part", whole.groups, 50);
  REQUIRE(part.groups.size() == 1);
  CHECK(part.groups[0].tax_id() == "");
}

TEST_CASE("no more is taken back of a tax than there is", "[lines][rules]") {
  const std::vector<TaxGroup> groups{{vat(2'100), 100, 21}, {{}, 50, 0}};
  const auto taken = [](TaxGroup group) { return std::vector<TaxGroup>{std::move(group)}; };
  const auto left = less(groups, taken({vat(2'100), 100, 21}));
  CHECK(left.at(0).gross() == 0);
  CHECK(left.at(1).net == 50);
  CHECK(refusal_code([&] { less(groups, taken({vat(2'100), 101, 21})); }) == "overcredited");
  CHECK(refusal_code([&] { less(groups, taken({vat(2'100), 100, 22})); }) == "overcredited");
  CHECK(refusal_code([&] { less(groups, taken({vat(900), 1, 0})); }) == "overcredited");
  CHECK(refusal_code([&] { less(groups, taken({{}, 51, 0})); }) == "overcredited");
}

}  // namespace
}  // namespace steward::lines
