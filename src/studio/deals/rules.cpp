#include "studio/deals/rules.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/id.h"

namespace steward::deals {

void require_different_people(const Party& party) {
  if (party.provider == party.maestro)
    throw Error{ErrorKind::conflict, "same_person", "The provider and the maestro of a deal are two different people.",
                "Name another maestro: nobody supervises himself."}
        .at("maestro");
  if (party.referrer && *party.referrer == party.provider)
    throw Error{ErrorKind::conflict, "same_person", "The provider of a deal cannot be the one who referred its client.",
                "Name another provider."}
        .at("provider");
}

void require_approver(const Caller& caller, const std::string& provider, const std::string& maestro,
                      std::string_view label) {
  if (caller.user_id == provider)
    throw Error{ErrorKind::permission, "forbidden",
                fmt::format("{} is delivered by who asks, so another person must approve it.", label),
                "Ask the deal's maestro or an ADMIN."};
  if (caller.is_admin || caller.user_id == maestro) return;
  throw Error{ErrorKind::permission, "forbidden", fmt::format("{} is approved by its own maestro or an ADMIN.", label),
              "Ask one of them."};
}

void require_part_in(const Caller& caller, const std::optional<std::string>& provider,
                     const std::optional<std::string>& maestro, std::string_view label) {
  if (!caller.is_person || caller.is_admin) return;
  if (caller.user_id && (caller.user_id == provider || caller.user_id == maestro)) return;
  throw Error{ErrorKind::permission, "forbidden",
              fmt::format("{} is moved by its provider, its maestro or an ADMIN.", label), "Ask one of them."};
}

std::string label_of(std::string_view id) { return fmt::format("Deal {}", short_id(id)); }

}  // namespace steward::deals
