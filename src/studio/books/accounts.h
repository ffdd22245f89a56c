#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/enums.h"

namespace steward::books {

/// What an export is written for. hledger's journals are read by Ledger too.
enum class Format { csv, hledger, beancount };
inline constexpr std::array<std::string_view, 3> kFormatNames{"CSV", "HLEDGER", "BEANCOUNT"};
constexpr EnumNames names_of(Format) { return {"format", kFormatNames}; }

/// The tax that a document's sum was taxed under.
struct TaxGroup {
  std::string code;  ///< empty: none is stated
  int rate_bp = 0;
};

/// The accounts of docs/books.md, as each program spells them. No two addresses, and no two taxes, share an account;
/// whatever an address holds, its account is one word that every program reads.
class Accounts {
 public:
  explicit Accounts(Format format) : beancount_(format == Format::beancount) {}

  std::string bank(std::string_view currency) const;
  /// What a client owes; below zero: what is his.
  std::string receivable(std::string_view email) const;
  /// What the studio owes a person. `user_id` tells people apart where an address can't be written in full.
  std::string payable(std::string_view email, std::string_view user_id) const;
  std::string income(const TaxGroup& group) const;
  std::string tax(const TaxGroup& group) const;
  /// What an entry of that type ("PROVIDER_PAYOUT") costs the studio.
  static std::string earned(std::string_view entry_type);

  static constexpr std::string_view kClearing = "Assets:Clearing:Credit";
  static constexpr std::string_view kPlatform = "Equity:Deals:Platform-Revenue";
  static constexpr std::string_view kAllocated = "Equity:Deals:Allocated";

 private:
  std::string tax_words(const TaxGroup& group) const;

  bool beancount_;
};

}  // namespace steward::books
