#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/change.h"
#include "ops/context.h"
#include "studio/contacts/contacts.h"

/// Who the two sides of a document were on its day, whatever becomes of them. Proposals and invoices stand on it; it
/// has no commands of its own.
namespace steward::parties {

/// Where one kind of document keeps its parties.
struct Tables {
  std::string_view parties, key;
};
inline constexpr Tables kProposals{"proposal_parties", "proposal_id"};
inline constexpr Tables kInvoices{"invoice_parties", "invoice_id"};

struct Parties {
  contacts::BillingIdentity seller, client;
};

/// Takes down who the studio and its client are, for a document that becomes final now. A studio that has said nothing
/// of itself yet (none of the settings business.legal_name, address, country, tax_id) issues without, and is warned;
/// from the first of them on, both sides have to be complete where the document must name them.
struct Wanted {
  bool required = false;       ///< refused while something is missing; else only warned
  bool tax_id_needed = false;  ///< the client owes the tax, so he must be known to the tax office
};
/// Errors: precondition "incomplete_parties", with all that is missing in details.missing.
std::vector<ops::Warning> take_down(ops::Context& context, const Tables& tables, std::string_view document,
                                    std::string_view client_email, const Wanted& wanted);

/// A document of another program, and whom it named.
struct Stated {
  std::string_view document;
  const contacts::BillingIdentity* client;
};
/// Takes down what such documents say of their client, with the studio as it is now beside it: a side that lacks name,
/// address or country is left out. Errors: as Vault::open.
void take_down_stated(ops::Context& context, const Tables& tables, std::span<const Stated> documents);

/// nullopt for a document that took none down.
std::optional<Parties> load(db::Tx& tx, const Tables& tables, std::string_view document);
/// As a document shows them: {"seller": {...}, "client": {...}}, or null.
Json json_of(const std::optional<Parties>& parties);

}  // namespace steward::parties
