#include <fmt/format.h>

#include <array>

#include "core/enums.h"
#include "core/error.h"
#include "core/text.h"
#include "ops/declare.h"
#include "studio/identity/identity.h"
#include "studio/rates/rates.h"
#include "system/database/database.h"
#include "system/database/operations.h"

namespace steward::database {
namespace {

enum class Fixture { studio };
constexpr std::array<std::string_view, 1> kFixtureNames{"studio"};
constexpr EnumNames names_of(Fixture) { return {"fixture", kFixtureNames}; }

struct SeedArgs {
  std::optional<Fixture> fixture;
};

/// One offer of the studio fixture (studio-model, 33).
struct FixtureOffer {
  std::string_view slug, title, summary, audience, delivery_mode, price, duration, refund_policy;
};
constexpr FixtureOffer kStudio[] = {
    {"disciplined-inquiry", "Disciplined inquiry", "Asking questions that can be answered, and answering them.", "BOTH",
     "HYBRID", "2500.00", "4 hours", "standard"},
    {"professional-judgment", "Professional judgment", "Deciding well where no rule decides.", "BOTH", "HYBRID",
     "2500.00", "4 hours", "standard"},
    {"problem-finding", "Problem finding", "Seeing what is worth solving before solving it.", "BOTH", "HYBRID",
     "2500.00", "4 hours", "standard"},
    {"epistemic-humility", "Epistemic humility", "Knowing how far one's knowledge reaches.", "BOTH", "HYBRID",
     "2500.00", "4 hours", "standard"},
    {"accountable-leadership", "Accountable leadership", "Leading so that others can hold you to it.", "BOTH", "HYBRID",
     "2500.00", "4 hours", "standard"},
    {"translation", "Translation", "Carrying meaning between fields that use the same words.", "BOTH", "HYBRID",
     "2500.00", "4 hours", "standard"},
    {"resilience-thinking", "Resilience thinking", "What bends, what breaks, and what grows back.", "BOTH", "HYBRID",
     "4500.00", "8 hours", "standard"},
    {"systems-thinking", "Systems thinking", "Parts, wholes, and what happens between them.", "BOTH", "HYBRID",
     "4500.00", "8 hours", "standard"},
    {"corporate-starter", "Corporate starter", "A first programme for up to 15 people.", "GROUP", "HYBRID", "2000.00",
     "15 people", "standard"},
    {"corporate-professional", "Corporate professional", "A programme for up to 25 people.", "GROUP", "HYBRID",
     "5000.00", "25 people", "standard"},
    {"corporate-enterprise", "Corporate enterprise", "A programme for up to 50 people.", "GROUP", "HYBRID", "10000.00",
     "50 people", "standard"},
    {"community-cohort", "Community cohort", "Four weeks of practice with neighbours.", "BOTH", "IN_PERSON", "",
     "4 weeks", "none"},
};

ops::RawArgs arguments_of(const FixtureOffer& offer) {
  const auto text = [](std::string_view value) { return std::vector<std::string>{std::string(value)}; };
  ops::RawArgs raw{{"slug", text(offer.slug)},
                   {"title", text(offer.title)},
                   {"summary", text(offer.summary)},
                   {"audience", text(offer.audience)},
                   {"delivery-mode", text(offer.delivery_mode)},
                   {"duration", text(offer.duration)},
                   {"refund-policy", text(offer.refund_policy)}};
  if (offer.price.empty())
    raw["free"] = {"true"};
  else
    raw.insert({{"price", text(offer.price)}, {"currency", {"USD"}}});
  return raw;
}

// Through the offers' own operation, so that every rule of theirs holds; the audit row is the seed's, with the counts.
int seed_offers(ops::Context& context) {
  const auto* create = context.house.registry->find("offers.create");
  if (!create) throw Error{ErrorKind::defect, "defect", "There is no operation offers.create."};
  int made = 0;
  for (const auto& offer : kStudio) {
    if (context.tx.exists("SELECT 1 FROM offers WHERE slug = $1", {offer.slug})) continue;
    create->write(context, ops::parse_args(*create, arguments_of(offer)).get());
    ++made;
  }
  return made;
}

std::int64_t rows_of(ops::Context& context, std::string_view table) {
  return context.tx.integer(fmt::format("SELECT count(*) FROM {}", table));
}

ops::Change seed(ops::Context& context, const SeedArgs& args) {
  const auto roles = rows_of(context, "roles"), rates = rows_of(context, "rates");
  identity::seed_roles(context.tx);
  rates::seed_rates(context.tx);
  const auto offers = args.fixture ? seed_offers(context) : 0;
  const Json counts{
      {"roles", rows_of(context, "roles") - roles}, {"rates", rows_of(context, "rates") - rates}, {"offers", offers}};
  const auto id = identity_of(context.tx)->instance_id;
  if (counts.at("roles").integer() + counts.at("rates").integer() + offers == 0)
    return ops::Change::none(std::string(kTarget), id, "Everything was there already.", counts);
  ops::Change change;
  change.target_type = kTarget;
  change.target_id = id;
  change.data = counts;
  change.metadata = Json{{"fixture", args.fixture ? Json(to_text(*args.fixture)) : Json()}, {"added", counts}};
  change.sentence =
      fmt::format("Added {}, {} and {}.", count_of(static_cast<std::size_t>(counts.at("roles").integer()), "role"),
                  count_of(static_cast<std::size_t>(counts.at("rates").integer()), "rate"),
                  count_of(static_cast<std::size_t>(offers), "offer"));
  if (offers > 0) change.next = "steward offers list";
  return change;
}

}  // namespace

void register_seed(ops::Registry& registry) {
  registry.add(
      ops::declare<SeedArgs>("db.seed", "Add the roles, the rates, and the offers of a fixture")
          .option("fixture", &SeedArgs::fixture, "Also add these; what is there already stays as it is")
          .details("init adds roles and rates by itself. The studio fixture is its twelve offers: eight workshops, "
                   "three corporate programmes and the community cohort.")
          .needs("db:seed")
          .example("steward db seed --fixture studio")
          .writes(seed));
}

}  // namespace steward::database
