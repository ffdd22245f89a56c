#pragma once
#include <string>
#include <string_view>

#include "core/id.h"
#include "db/tx.h"
#include "ops/argument.h"
#include "ops/registry.h"
#include "studio/taxes/rules.h"

/// The taxes that documents state, each by a code, with the dates from which a rate holds. Append-only: a document
/// keeps the tax it was made under.
namespace steward::taxes {

struct TaxTag {};
using TaxId = Id<TaxTag>;

struct Tax {
  TaxId id;
  std::string code;  ///< "VAT21"
  Treatment treatment;
  int rate_bp;      ///< basis points: 2100 is 21 %
  Date valid_from;  ///< the first date of a document that it is for
};

/// A code as an argument: any case.
struct TaxCode {
  std::string value;
};

/// The tax of that code for a document of that date. Errors: not_found "not_found", naming `field`; precondition
/// "tax_not_in_force" when the code begins later.
Tax tax_on(db::Tx& tx, std::string_view code, Date date, std::string_view field = "tax");

void register_operations(ops::Registry& registry);

}  // namespace steward::taxes

namespace steward::ops {

template <>
struct ArgumentType<taxes::TaxCode> {
  static TypeInfo info() { return {"TAX", "letters, digits, - and _, at most 20 characters, such as VAT21"}; }
  static taxes::TaxCode parse(std::string_view text, std::string_view) { return {taxes::parse_code(text)}; }
};

}  // namespace steward::ops
