#include "studio/ledger/payee_rows.h"

#include "core/error.h"

namespace steward::ledger {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {"user_id", "u.id", Kind::text, Shown::record},
    {"user_email", "u.email"},
    {"tax_data", kPayeeState},
    {"country", "t.country"},
    {"entity_type", "t.entity_type"},
    {"legal_name", "CASE WHEN t.legal_name IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record,
     "Encrypted at rest; (set) for who may not read it, and in lists"},
    {"address_line1", "CASE WHEN t.address_line1 IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record},
    {"address_line2", "CASE WHEN t.address_line2 IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record},
    {"city", "CASE WHEN t.city IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record},
    {"state", "CASE WHEN t.state IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record},
    {"postal_code", "CASE WHEN t.postal_code IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record},
    {"tax_id", "CASE WHEN t.tax_id IS NULL THEN NULL ELSE '(set)' END", Kind::text, Shown::record,
     "Its last characters at most; ledger payees reveal answers the whole"},
    {"id", "t.id", Kind::text, Shown::record},
    {"version", "t.version", Kind::integer, Shown::record},
    {"created_at", "t.created_at", Kind::instant, Shown::record},
    {"updated_at", "t.updated_at", Kind::instant},
};

constexpr auto kFind = R"sql(
  SELECT id, user_id, version, entity_type, country, legal_name, address_line1, address_line2, city, state, postal_code,
         tax_id
    FROM payout_tax_info WHERE user_id = $1
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO payout_tax_info (id, user_id, entity_type, country, legal_name, address_line1, address_line2, city, state,
    postal_code, tax_id, created_by, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
)sql";
constexpr auto kUpdate = R"sql(
  UPDATE payout_tax_info SET entity_type = $3, country = $4, legal_name = $5, address_line1 = $6, address_line2 = $7,
         city = $8, state = $9, postal_code = $10, tax_id = $11, version = version + 1, updated_at = $12
   WHERE id = $1 AND version = $2
)sql";

ops::Place place_of(std::string_view id, const PersonalField& field) { return {"payout_tax_info", field.name, id}; }

Payee payee_of(const db::Row& row) {
  Payee out{row.str(0), row.str(1), {}, row.integer(2)};
  out.sealed.entity_type = row.choice<EntityType>(3);
  out.sealed.country = row.str(4);
  for (int column = 5; const auto& field : personal_fields()) out.sealed.*field.member = row.maybe_text(column++);
  return out;
}

ops::Listing everybody() {
  return ops::Listing(kColumns, "users u LEFT JOIN payout_tax_info t ON t.user_id = u.id").key("u.id");
}

}  // namespace

const std::span<const ops::Column> kPayeeColumns = kColumns;

ops::Listing payee_listing() {
  return everybody().where(
      "(t.id IS NOT NULL OR EXISTS (SELECT 1 FROM ledger_entries e WHERE e.beneficiary_user_id = u.id))");
}

Json payee_record(db::Tx& tx, std::string_view user_id) {
  const auto missing = missing_tax_data(tx, user_id);
  return everybody()
      .where("u.id = {}", {user_id})
      .record(tx)
      .set("missing", Json(Json::Array(missing.begin(), missing.end())));
}

std::optional<Payee> find_payee(db::Tx& tx, std::string_view user_id) { return tx.first(kFind, {user_id}, payee_of); }

std::optional<std::string> opened(ops::Context& context, const Payee& payee, const PersonalField& field) {
  const auto& text = payee.sealed.*field.member;
  return text ? std::optional(context.vault.open(*text, place_of(payee.id, field))) : std::nullopt;
}

TaxData opened(ops::Context& context, const Payee& payee) {
  auto out = payee.sealed;
  for (const auto& field : personal_fields()) out.*field.member = opened(context, payee, field);
  return out;
}

std::string sealed(ops::Context& context, std::string_view id, const PersonalField& field, std::string_view plain) {
  return context.vault.seal(plain, place_of(id, field));
}

void store_payee(ops::Context& context, const Payee& payee) {
  const auto& [entity_type, country, legal_name, line1, line2, city, state, postal_code, tax_id] = payee.sealed;
  if (payee.version == 0) {
    context.tx.exec(kInsert, {payee.id, payee.user_id, entity_type.value(), country, legal_name, line1, line2, city,
                              state, postal_code, tax_id, context.actor.user_id, context.now()});
    return;
  }
  const auto rows = context.tx.exec(kUpdate, {payee.id, payee.version, entity_type.value(), country, legal_name, line1,
                                              line2, city, state, postal_code, tax_id, context.now()});
  if (rows != 1)
    refuse_conflict("stale_version", "Somebody changed this tax data first.", "Read it again, then retry.");
}

std::vector<std::string_view> missing_tax_data(db::Tx& tx, std::string_view user_id) {
  const auto payee = find_payee(tx, user_id);
  return missing_of(payee ? std::optional(payee->sealed) : std::nullopt);
}

std::optional<PrintedPayee> printed_payee(ops::Context& context, std::string_view user_id) {
  if (!context.actor.is_person() || !context.actor.has_scope("payees:read")) return {};
  const auto payee = find_payee(context.tx, user_id);
  if (!payee) return {};
  const auto data = opened(context, *payee);
  return PrintedPayee{data.legal_name.value_or(""), address_lines(data)};
}

}  // namespace steward::ledger
