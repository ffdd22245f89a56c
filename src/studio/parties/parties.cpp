#include "studio/parties/parties.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "db/transfer.h"

namespace steward::parties {
namespace {

using contacts::BillingIdentity;

constexpr std::string_view kSeller = "SELLER", kClient = "CLIENT";
constexpr std::string_view kNoContact = "the client's contact";
constexpr std::size_t kSaidNothing = 4;  // of business.legal_name, address, country and tax_id

constexpr auto kInsert = R"sql(
  INSERT INTO {} ({}, role, legal_name, address, country, tax_id, email) VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";
constexpr auto kLoad = "SELECT role, legal_name, address, country, tax_id, email FROM {} WHERE {} = $1";

db::Value or_null(const std::string& text) { return text.empty() ? db::Value() : db::Value(text); }

void insert(db::Tx& tx, const Tables& tables, std::string_view document, std::string_view role,
            const BillingIdentity& who) {
  tx.post(fmt::format(kInsert, tables.parties, tables.key),
          {document, role, who.legal_name, who.address, who.country, or_null(who.tax_id), or_null(who.email)});
}

bool is_complete(const BillingIdentity& who) {
  return !who.legal_name.empty() && !who.address.empty() && !who.country.empty();
}

std::string those(const std::vector<std::string>& missing) {
  return missing.size() == 1 ? missing.front() + " is" : join(missing, ", ") + " are";
}

std::string way_to_complete(const std::vector<std::string>& missing, std::string_view client_email) {
  if (missing.front().starts_with("business.")) return fmt::format("steward settings set {} VALUE", missing.front());
  if (missing.front() == kNoContact)
    return fmt::format("steward contacts create --email {} --name NAME --address ADDRESS --country CC", client_email);
  return fmt::format("steward contacts update {} --legal-name NAME --address ADDRESS --country CC --tax-id ID",
                     client_email);
}

[[noreturn]] void refuse_incomplete(const std::vector<std::string>& missing, std::string_view client_email) {
  throw Error{ErrorKind::precondition, "incomplete_parties",
              fmt::format("The document can't be made out: {} missing.", those(missing)),
              way_to_complete(missing, client_email)}
      .with(Json{{"missing", Json(Json::Array(missing.begin(), missing.end()))}});
}

std::vector<std::string> missing_of_client(db::Tx& tx, std::string_view email, bool tax_id_needed) {
  auto out = contacts::missing_of_contact(tx, email, tax_id_needed);
  for (auto& name : out)
    if (name == "contact")
      name = kNoContact;
    else
      name.insert(0, "the client's ");
  return out;
}

BillingIdentity identity_of(const db::Row& row) {
  return {{}, row.str(1), row.str(2), row.str(3), row.maybe_text(4).value_or(""), row.maybe_text(5).value_or("")};
}

Json json_of_one(const BillingIdentity& who) {
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  return Json{{"legal_name", who.legal_name},
              {"address", who.address},
              {"country", who.country},
              {"tax_id", text(who.tax_id)},
              {"email", text(who.email)}};
}

}  // namespace

std::vector<ops::Warning> take_down(ops::Context& context, const Tables& tables, std::string_view document,
                                    std::string_view client_email, const Wanted& wanted) {
  auto missing = contacts::missing_of_business(context.tx);
  if (missing.size() == kSaidNothing)
    return {{"incomplete_parties",
             "The studio has said nothing of itself yet (settings business.legal_name, address, country, tax_id), so "
             "the document names no parties."}};
  for (auto& of_client : missing_of_client(context.tx, client_email, wanted.tax_id_needed))
    missing.push_back(std::move(of_client));
  if (!missing.empty() && wanted.required) refuse_incomplete(missing, client_email);
  if (!missing.empty())
    return {{"incomplete_parties", fmt::format("The document names no parties: {} missing.", those(missing))}};
  insert(context.tx, tables, document, kSeller, contacts::business_identity(context));
  insert(context.tx, tables, document, kClient, contacts::contact_identity(context.tx, client_email).value());
  return {};
}

void take_down_stated(ops::Context& context, const Tables& tables, std::span<const Stated> documents) {
  std::vector<const Stated*> complete;
  for (const auto& stated : documents)
    if (is_complete(*stated.client)) complete.push_back(&stated);
  if (complete.empty()) return;
  const auto seller = contacts::business_identity(context);
  const auto rows =
      db::bulk_insert(context.tx.connection(), tables.parties,
                      {std::string(tables.key), "role", "legal_name", "address", "country", "tax_id", "email"});
  const auto add = [&](std::string_view document, std::string_view role, const BillingIdentity& who) {
    rows->add({document, role, who.legal_name, who.address, who.country, or_null(who.tax_id), or_null(who.email)});
  };
  for (const auto* stated : complete) {
    if (is_complete(seller)) add(stated->document, kSeller, seller);
    add(stated->document, kClient, *stated->client);
  }
  rows->finish();
}

std::optional<Parties> load(db::Tx& tx, const Tables& tables, std::string_view document) {
  std::optional<BillingIdentity> seller, client;
  tx.each(fmt::format(kLoad, tables.parties, tables.key), {document},
          [&](const db::Row& row) { (row.text(0) == kSeller ? seller : client) = identity_of(row); });
  if (!seller || !client) return std::nullopt;
  return Parties{*std::move(seller), *std::move(client)};
}

Json json_of(const std::optional<Parties>& parties) {
  if (!parties) return Json();
  return Json{{"seller", json_of_one(parties->seller)}, {"client", json_of_one(parties->client)}};
}

}  // namespace steward::parties
