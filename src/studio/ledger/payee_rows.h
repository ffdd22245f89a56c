#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/context.h"
#include "ops/listing.h"
#include "studio/ledger/payee_rules.h"

// Whom payouts are made to: the rows of payout_tax_info, and what payouts and statements ask of them.
namespace steward::ledger {

/// A row as it stands: the personal fields are ciphertexts.
struct Payee {
  std::string id, user_id;
  TaxData sealed;
  std::int64_t version = 1;
};

/// A TaxDataState, of users u and their payout_tax_info t.
inline constexpr std::string_view kPayeeState =
    "CASE WHEN t.id IS NULL THEN 'MISSING' WHEN t.tax_id IS NULL THEN 'INCOMPLETE' ELSE 'COMPLETE' END";
extern const std::span<const ops::Column> kPayeeColumns;
/// Everybody who earned something, or whose tax data there is. What is personal is "(set)" where it is there.
ops::Listing payee_listing();
/// A person's record like in the list, whoever they are, and what is missing of it.
Json payee_record(db::Tx& tx, std::string_view user_id);

/// nullopt: nothing is known of that user.
std::optional<Payee> find_payee(db::Tx& tx, std::string_view user_id);
/// Of a row, one personal field in clear; nullopt where it is not there. Errors: those of Vault::open.
std::optional<std::string> opened(ops::Context& context, const Payee& payee, const PersonalField& field);
/// All of it in clear. Errors: those of Vault::open.
TaxData opened(ops::Context& context, const Payee& payee);
/// The ciphertext of a field's value in that row.
std::string sealed(ops::Context& context, std::string_view id, const PersonalField& field, std::string_view plain);

/// `payee` as it is to be, its version as it was read; 0 of a new one. Errors: conflict "stale_version".
void store_payee(ops::Context& context, const Payee& payee);

/// What a payout asks for and this person's tax data lacks (missing_of). Needs no key.
std::vector<std::string_view> missing_tax_data(db::Tx& tx, std::string_view user_id);

/// A payee as a document names them.
struct PrintedPayee {
  std::string legal_name;
  std::vector<std::string> address;  ///< lines
};
/// For a person who may read tax data; nullopt for anybody else (the account's name does there), and where there is
/// none. Errors: those of Vault::open.
std::optional<PrintedPayee> printed_payee(ops::Context& context, std::string_view user_id);

}  // namespace steward::ledger
