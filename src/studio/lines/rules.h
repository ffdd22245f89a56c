#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "core/quantity.h"

namespace steward::lines {

/// What a line says of its tax.
struct TaxTerms {
  std::string id, code;
  std::string treatment;  ///< "STANDARD", "EXEMPT", "REVERSE_CHARGE"
  int rate_bp = 0;        ///< basis points of the net
  friend bool operator==(const TaxTerms&, const TaxTerms&) = default;
};

/// One line of a document. A discount is a line with a negative price.
struct Line {
  std::string description;
  Quantity quantity;
  std::int64_t unit_price;      ///< minor units of the document's currency
  std::int64_t net;             ///< quantity × unit price, rounded once to the minor unit
  std::optional<TaxTerms> tax;  ///< nullopt: none is stated
  friend bool operator==(const Line&, const Line&) = default;
};

/// All lines of one tax together.
struct TaxGroup {
  std::optional<TaxTerms> tax;
  std::int64_t net, tax_amount;  ///< minor units
  std::int64_t gross() const { return net + tax_amount; }
  std::string tax_id() const { return tax ? tax->id : std::string(); }
  friend bool operator==(const TaxGroup&, const TaxGroup&) = default;
};

/// What a document asks for: its lines, its taxes, and what they come to.
struct Breakdown {
  std::vector<Line> lines;
  std::vector<TaxGroup> groups;  ///< in the order in which the lines first name them
  std::int64_t net() const;
  std::int64_t tax() const;
  std::int64_t gross() const { return add_minor(net(), tax()); }
  friend bool operator==(const Breakdown&, const Breakdown&) = default;
};

/// quantity × unit price, rounded once to the minor unit, a half away from zero.
/// Source: EN 16931-1, BT-131 (the net amount of an invoice line). Errors: usage "amount_too_large".
std::int64_t net_of(Quantity quantity, std::int64_t unit_price);

/// Works out what lines come to: the nets of one tax are added, and the tax is taken of that sum and rounded once to
/// the minor unit, a half away from zero. Source: EN 16931-1, BR-CO-17 (tax amount = taxable amount × rate), BR-CO-10.
/// Errors: usage "amount_too_large"; usage "negative_total", naming "lines", when a tax's lines come to less than
/// nothing, or all of them to nothing.
Breakdown break_down(std::vector<Line> lines);

/// Whether the buyer owes the tax on some of it, so that he must be known to the tax office.
bool is_reverse_charged(const Breakdown& breakdown);

/// One line of which the net is given, or of which all that is paid is given with the tax inside it: then the tax is
/// gross × rate / (1 + rate), rounded once, and the net is the rest, so that the gross is met exactly.
Breakdown of_net(std::string description, std::int64_t net, const std::optional<TaxTerms>& tax);
Breakdown of_gross(std::string description, std::int64_t gross, const std::optional<TaxTerms>& tax);
/// The same where somebody else stated the tax inside it already: the net is the rest.
Breakdown of_gross_stating(std::string description, std::int64_t gross, std::int64_t tax_amount,
                           const std::optional<TaxTerms>& tax);

/// A part of what groups come to, `gross` in all: each group gives in proportion to its gross, in whole minor units
/// that add up, none more than it has, and its tax in proportion to that. All of it gives each group as it is.
/// `gross` is above zero and at most what the groups come to. A line a group, with that description.
Breakdown portion(std::string_view description, std::span<const TaxGroup> groups, std::int64_t gross);

/// What is left of groups once others of the same taxes are taken away; groups that are used up stay, with nothing.
/// Errors: conflict "overcredited" when more is taken than is there, or of a tax that is not.
std::vector<TaxGroup> less(std::vector<TaxGroup> groups, std::span<const TaxGroup> taken);

}  // namespace steward::lines
