#pragma once
#include <optional>

#include "ops/context.h"
#include "studio/taxes/taxes.h"

namespace steward::taxes {

extern const std::span<const ops::Column> kTaxColumns;

/// Every tax ever set, one row each.
ops::Listing tax_listing(ops::Context& context);
Json tax_record(ops::Context& context, const TaxId& id);

/// The one of that code which holds on that date.
std::optional<Tax> find_on(db::Tx& tx, std::string_view code, Date date);
bool is_known(db::Tx& tx, std::string_view code);
void insert_tax(ops::Context& context, const Tax& tax);

}  // namespace steward::taxes
