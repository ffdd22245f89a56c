#include <fmt/format.h>

#include <map>

#include "core/error.h"
#include "db/transfer.h"
#include "studio/lines/lines.h"

namespace steward::lines {
namespace {

constexpr auto kDelete = "DELETE FROM {} WHERE {} = $1";
constexpr auto kInsertLine = R"sql(
  INSERT INTO {} ({}, position, description, quantity_e4, unit_price_cents, net_cents, tax_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";
constexpr auto kInsertTax = "INSERT INTO {} ({}, position, tax_id, net_cents, tax_cents) VALUES ($1, $2, $3, $4, $5)";
// One statement, because every show of a document asks for both; put in their order here, which spares it a sorter.
constexpr auto kLinesAndTaxes = R"sql(
  SELECT 1 AS is_line, l.position AS position, l.net_cents, 0, t.id, t.code, t.treatment, t.rate_bp, l.description,
         l.quantity_e4, l.unit_price_cents
    FROM {0} l LEFT JOIN taxes t ON t.id = l.tax_id WHERE l.{2} = $1
  UNION ALL
  SELECT 0, g.position, g.net_cents, g.tax_cents, t.id, t.code, t.treatment, t.rate_bp, '', 0, 0
    FROM {1} g LEFT JOIN taxes t ON t.id = g.tax_id WHERE g.{2} = $1
)sql";
constexpr auto kTaxesOf = R"sql(
  SELECT CAST(sum(g.net_cents) AS bigint), CAST(sum(g.tax_cents) AS bigint), t.id, t.code, t.treatment, t.rate_bp
    FROM {0} g LEFT JOIN taxes t ON t.id = g.tax_id WHERE g.{1} IN ({2})
   GROUP BY t.id, t.code, t.treatment, t.rate_bp
)sql";

std::optional<TaxTerms> terms_at(const db::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return TaxTerms{row.str(column), row.str(column + 1), row.str(column + 2), static_cast<int>(row.integer(column + 3))};
}

std::optional<std::string_view> id_of(const std::optional<TaxTerms>& tax) {
  return tax ? std::optional<std::string_view>(tax->id) : std::nullopt;
}

void set_money(Json& into, std::string_view name, std::int64_t minor, Currency currency) {
  into.set(fmt::format("{}_cents", name), minor);
  into.set(name, decimal_text(minor, currency.exponent()));
}

void set_tax(Json& into, const std::optional<TaxTerms>& tax) {
  into.set("tax", tax ? Json(tax->code) : Json());
  into.set("treatment", tax ? Json(tax->treatment) : Json());
  into.set("rate_bp", tax ? Json(tax->rate_bp) : Json());
}

}  // namespace

TaxTerms terms_of(const taxes::Tax& tax) {
  return {tax.id.text, tax.code, std::string(to_text(tax.treatment)), tax.rate_bp};
}

void insert(db::Tx& tx, const Tables& tables, std::string_view document, const Breakdown& breakdown) {
  const auto line = fmt::format(kInsertLine, tables.lines, tables.key);
  const auto tax = fmt::format(kInsertTax, tables.taxes, tables.key);
  std::int64_t position = 0;
  for (const auto& l : breakdown.lines)
    tx.post(line, {document, ++position, l.description, l.quantity.e4, l.unit_price, l.net, id_of(l.tax)});
  position = 0;
  for (const auto& g : breakdown.groups) tx.post(tax, {document, ++position, id_of(g.tax), g.net, g.tax_amount});
}

void insert_all(db::Tx& tx, const Tables& tables,
                std::span<const std::pair<std::string_view, const Breakdown*>> documents) {
  const std::string key(tables.key);
  const auto lines =
      db::bulk_insert(tx.connection(), tables.lines,
                      {key, "position", "description", "quantity_e4", "unit_price_cents", "net_cents", "tax_id"});
  for (const auto& [document, breakdown] : documents)
    for (std::int64_t position = 0; const auto& l : breakdown->lines)
      lines->add({document, ++position, l.description, l.quantity.e4, l.unit_price, l.net, id_of(l.tax)});
  lines->finish();
  const auto taxes =
      db::bulk_insert(tx.connection(), tables.taxes, {key, "position", "tax_id", "net_cents", "tax_cents"});
  for (const auto& [document, breakdown] : documents)
    for (std::int64_t position = 0; const auto& g : breakdown->groups)
      taxes->add({document, ++position, id_of(g.tax), g.net, g.tax_amount});
  taxes->finish();
}

void store(db::Tx& tx, const Tables& tables, std::string_view document, const Breakdown& breakdown) {
  tx.exec(fmt::format(kDelete, tables.lines, tables.key), {document});
  tx.exec(fmt::format(kDelete, tables.taxes, tables.key), {document});
  insert(tx, tables, document, breakdown);
}

Breakdown load(db::Tx& tx, const Tables& tables, std::string_view document) {
  std::map<std::int64_t, Line> lines;
  std::map<std::int64_t, TaxGroup> groups;
  tx.each(fmt::format(kLinesAndTaxes, tables.lines, tables.taxes, tables.key), {document}, [&](const db::Row& row) {
    if (row.boolean(0))
      lines.insert(
          {row.integer(1), Line{row.str(8), {row.integer(9)}, row.integer(10), row.integer(2), terms_at(row, 4)}});
    else
      groups.insert({row.integer(1), TaxGroup{terms_at(row, 4), row.integer(2), row.integer(3)}});
  });
  Breakdown out;
  for (auto& [position, line] : lines) out.lines.push_back(std::move(line));
  for (auto& [position, group] : groups) out.groups.push_back(std::move(group));
  return out;
}

std::vector<TaxGroup> groups_of(db::Tx& tx, const Tables& tables, std::string_view sql, std::string_view owner) {
  return tx.all(fmt::format(kTaxesOf, tables.taxes, tables.key, sql), {owner}, [](const db::Row& row) {
    return TaxGroup{terms_at(row, 2), row.integer(0), row.integer(1)};
  });
}

Json lines_json(const Breakdown& breakdown, Currency currency) {
  Json out = Json::array();
  for (const auto& line : breakdown.lines) {
    Json one{{"description", line.description}, {"quantity", to_text(line.quantity)}};
    set_money(one, "unit_price", line.unit_price, currency);
    set_money(one, "net", line.net, currency);
    set_tax(one, line.tax);
    out.push(std::move(one));
  }
  return out;
}

Json taxes_json(const Breakdown& breakdown, Currency currency) {
  Json out = Json::array();
  for (const auto& group : breakdown.groups) {
    Json one = Json::object();
    set_tax(one, group.tax);
    set_money(one, "net", group.net, currency);
    set_money(one, "tax_amount", group.tax_amount, currency);
    out.push(std::move(one));
  }
  return out;
}

void require_in_force(db::Tx& tx, const Breakdown& breakdown, Date date) {
  for (const auto& group : breakdown.groups) {
    if (!group.tax) continue;
    const auto now = taxes::tax_on(tx, group.tax->code, date);
    if (now.id.text == group.tax->id) continue;
    refuse_conflict("tax_changed",
                    fmt::format("The draft was worked out with {} at {} basis points; on {} it is {}.", group.tax->code,
                                group.tax->rate_bp, to_text(date), now.rate_bp),
                    fmt::format("Work it out anew for that day (update with --lines or --amount, and --date {}), or "
                                "date it otherwise.",
                                to_text(date)));
  }
}

}  // namespace steward::lines
