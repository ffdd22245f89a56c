#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "studio/deals/deals.h"
#include "support/sandbox.h"

namespace steward::test {

/// A studio with its people and one offer, and the ways to bring a deal to any stage.
class Atelier : public Sandbox {
 public:
  Atelier();

  // Users' ids; the addresses are NAME@atelier.example.
  std::string admin, other_admin, ines, takumi;  ///< ADMINs; two MAESTROs
  std::string noor, pavel;                       ///< an ASSOCIATE and an APPRENTICE: providers
  std::string lucia;                             ///< an AFFILIATE
  std::string client;                            ///< nobody in particular

  /// An offer on sale, by its slug.
  void offer(std::string_view slug, std::int64_t cents, std::string_view currency);
  /// An intake in that status, by its id; names the offer "workshop" unless told otherwise.
  std::string intake(std::string_view status = "QUALIFIED", const std::optional<std::string>& offer_slug = "workshop",
                     const std::optional<std::string>& referrer = {});

  // A deal in a stage, by its id; `referred` by lucia, of the offer named.
  std::string queued(bool referred = false, const std::string& offer_slug = "workshop");
  std::string assigned(bool referred = false, const std::string& offer_slug = "workshop");
  std::string approved(bool referred = false, const std::string& offer_slug = "workshop");
  std::string paid(std::int64_t cents, bool referred = false, const std::string& offer_slug = "workshop");
  std::string started(std::int64_t cents, bool referred = false, const std::string& offer_slug = "workshop");
  std::string delivered(std::int64_t cents, bool referred = false, const std::string& offer_slug = "workshop");

  /// An invoice of the deal that was just paid in full, by its id; nobody told the deal.
  std::string invoice(const std::string& deal, std::int64_t cents, std::string_view currency);
  /// Hands an invoice's money to its deal, as payments do; answers what changed.
  Json hand_over(const std::string& invoice);
  /// The payment of that invoice was a mistake.
  Json take_back(const std::string& invoice);
  /// Both: an invoice, paid, in the deal's currency; answers the invoice's id.
  std::string pay(const std::string& deal, std::int64_t cents);

  std::string status(const std::string& deal) const;
  /// The entry of that type that counts (not VOID), by its id; "" when there is none.
  std::string entry(const std::string& deal, std::string_view type) const;
  std::string entry_status(const std::string& entry) const;
  /// "PROVIDER_PAYOUT 600, PLATFORM_REVENUE 400": those that count.
  std::string entries(const std::string& deal) const;
  /// An entry that is APPROVED, by its id.
  std::string approved_entry(const std::string& deal, std::string_view type = "PROVIDER_PAYOUT");

  /// A call with a person's own token.
  Call as(const std::string& user_id, const std::vector<std::string>& scopes = {"*"});
};

}  // namespace steward::test
