#include "studio/taxes/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::taxes {
namespace {

using ops::Kind;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "t.id", .shown = ops::Shown::record},
    {.name = "code", .sql = "t.code"},
    {.name = "treatment", .sql = "t.treatment"},
    {.name = "rate_bp", .sql = "t.rate_bp", .kind = Kind::integer, .help = "Basis points of the net"},
    {.name = "valid_from", .sql = "t.valid_from", .kind = Kind::date},
    {.name = "in_force",
     .sql = "CASE WHEN t.valid_from <= {today} AND NOT EXISTS (SELECT 1 FROM taxes n WHERE n.code = t.code"
            " AND n.valid_from > t.valid_from AND n.valid_from <= {today}) THEN 1 ELSE 0 END",
     .kind = Kind::boolean},
    {.name = "created_at", .sql = "t.created_at", .kind = Kind::instant, .shown = ops::Shown::record},
    {.name = "created_by", .sql = "t.created_by", .shown = ops::Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = ops::Shown::record},
};

constexpr auto kFindOn = R"sql(
  SELECT id, code, treatment, rate_bp, valid_from FROM taxes
   WHERE code = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1
)sql";
constexpr auto kIsKnown = "SELECT 1 FROM taxes WHERE code = $1 LIMIT 1";
constexpr auto kInsert = R"sql(
  INSERT INTO taxes (id, code, treatment, rate_bp, valid_from, created_by, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";

}  // namespace

const std::span<const ops::Column> kTaxColumns = kColumns;

ops::Listing tax_listing(ops::Context& context) {
  ops::Listing listing(kColumns, "taxes t LEFT JOIN users u ON u.id = t.created_by");
  listing.set("today", context.today()).key("t.id");
  return listing;
}

Json tax_record(ops::Context& context, const TaxId& id) {
  return tax_listing(context).where("t.id = {}", {id}).record(context.tx);
}

std::optional<Tax> find_on(db::Tx& tx, std::string_view code, Date date) {
  return tx.first(kFindOn, {code, date}, [](const db::Row& row) {
    return Tax{
        {row.str(0)}, row.str(1), row.choice<Treatment>(2), static_cast<int>(row.integer(3)), parse_date(row.text(4))};
  });
}

bool is_known(db::Tx& tx, std::string_view code) { return tx.exists(kIsKnown, {code}); }

void insert_tax(ops::Context& context, const Tax& tax) {
  context.tx.exec(kInsert,
                  {tax.id, tax.code, tax.treatment, tax.rate_bp, tax.valid_from, context.actor.user_id, context.now()});
}

Tax tax_on(db::Tx& tx, std::string_view code, Date date, std::string_view field) {
  if (auto found = find_on(tx, code, date)) return *std::move(found);
  if (!is_known(tx, code))
    throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no tax {}.", code),
                "steward taxes list names them; steward taxes set makes one."}
        .at(field);
  throw Error{ErrorKind::precondition, "tax_not_in_force",
              fmt::format("The tax {} is not in force on {}.", code, to_text(date)),
              fmt::format("steward taxes list --code {} says from when it is.", code)}
      .at(field);
}

}  // namespace steward::taxes
