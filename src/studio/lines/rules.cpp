#include "studio/lines/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::lines {
namespace {

constexpr int kWhole = 10'000;  // basis points

int rate_of(const std::optional<TaxTerms>& tax) { return tax ? tax->rate_bp : 0; }

TaxGroup* group_of(std::vector<TaxGroup>& groups, std::string_view tax_id) {
  const auto at = std::ranges::find(groups, tax_id, &TaxGroup::tax_id);
  return at == groups.end() ? nullptr : &*at;
}

TaxGroup& group_for(std::vector<TaxGroup>& groups, const std::optional<TaxTerms>& tax) {
  if (auto* known = group_of(groups, tax ? tax->id : std::string())) return *known;
  return groups.emplace_back(TaxGroup{tax, 0, 0});
}

std::string name_of(const TaxGroup& group) { return group.tax ? group.tax->code : "no tax"; }

[[noreturn]] void refuse_total(const std::string& what) {
  refuse_usage("negative_total", fmt::format("{}, so there is nothing to ask for.", what), "lines",
               "A discount is at most what it is taken from.");
}

Breakdown one_line(std::string description, std::int64_t net, std::int64_t tax_amount,
                   const std::optional<TaxTerms>& tax) {
  return {{{std::move(description), kOne, net, net, tax}}, {{tax, net, tax_amount}}};
}

}  // namespace

std::int64_t Breakdown::net() const {
  std::int64_t out = 0;
  for (const auto& group : groups) out = add_minor(out, group.net);
  return out;
}

std::int64_t Breakdown::tax() const {
  std::int64_t out = 0;
  for (const auto& group : groups) out = add_minor(out, group.tax_amount);
  return out;
}

std::int64_t net_of(Quantity quantity, std::int64_t unit_price) { return scaled(unit_price, quantity.e4, kOne.e4); }

Breakdown break_down(std::vector<Line> lines) {
  Breakdown out{std::move(lines), {}};
  for (const auto& line : out.lines) {
    auto& group = group_for(out.groups, line.tax);
    group.net = add_minor(group.net, line.net);
  }
  for (auto& group : out.groups) {
    if (group.net < 0) refuse_total(fmt::format("The lines with {} come to less than nothing", name_of(group)));
    group.tax_amount = scaled(group.net, rate_of(group.tax), kWhole);
  }
  if (out.gross() <= 0) refuse_total("The lines come to nothing");
  return out;
}

bool is_reverse_charged(const Breakdown& breakdown) {
  return std::ranges::any_of(
      breakdown.groups, [](const TaxGroup& group) { return group.tax && group.tax->treatment == "REVERSE_CHARGE"; });
}

Breakdown of_net(std::string description, std::int64_t net, const std::optional<TaxTerms>& tax) {
  return one_line(std::move(description), net, scaled(net, rate_of(tax), kWhole), tax);
}

Breakdown of_gross(std::string description, std::int64_t gross, const std::optional<TaxTerms>& tax) {
  return of_gross_stating(std::move(description), gross, scaled(gross, rate_of(tax), kWhole + rate_of(tax)), tax);
}

Breakdown of_gross_stating(std::string description, std::int64_t gross, std::int64_t tax_amount,
                           const std::optional<TaxTerms>& tax) {
  return one_line(std::move(description), gross - tax_amount, tax_amount, tax);
}

Breakdown portion(std::string_view description, std::span<const TaxGroup> groups, std::int64_t gross) {
  std::int64_t whole = 0, before = 0, given = 0;
  for (const auto& group : groups) whole = add_minor(whole, group.gross());
  Breakdown out;
  for (const auto& group : groups) {
    // Rounding what was given up to here, not each part, makes the parts add up.
    before += group.gross();
    const auto upto = scaled(before, gross, whole);
    const auto part = upto - given;
    given = upto;
    if (part == 0) continue;
    const auto tax = scaled(group.tax_amount, part, group.gross());
    const auto net = part - tax;
    out.lines.push_back({std::string(description), kOne, net, net, group.tax});
    out.groups.push_back({group.tax, net, tax});
  }
  return out;
}

std::vector<TaxGroup> less(std::vector<TaxGroup> groups, std::span<const TaxGroup> taken) {
  for (const auto& part : taken) {
    auto* group = group_of(groups, part.tax_id());
    if (!group || part.net > group->net || part.tax_amount > group->tax_amount)
      refuse_conflict("overcredited", fmt::format("More would be taken back with {} than there is.", name_of(part)),
                      "steward invoices show names what was asked for and what was credited.");
    group->net -= part.net;
    group->tax_amount -= part.tax_amount;
  }
  return groups;
}

}  // namespace steward::lines
