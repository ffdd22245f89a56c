#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/deals/operations.h"
#include "studio/identity/identity.h"
#include "studio/intake/intake.h"
#include "studio/offers/offers.h"
#include "studio/rates/rates.h"

namespace steward::deals {
namespace {

using enum ops::Role;
constexpr std::array kProviders{apprentice, associate, certified_consultant};
constexpr std::array kMaestros{maestro};

struct CreateArgs {
  intake::IntakeRef intake;
  std::optional<identity::UserRef> provider_requested, referrer;
};

// DL-4: the price as it stands now; what the offer costs later is no part of the deal.
Money price_of(db::Tx& tx, const intake::Intake& intake) {
  if (!intake.offer_slug)
    throw Error{ErrorKind::conflict, "offer_missing", "This intake names no offer, so there is nothing to agree on.",
                fmt::format("steward intake qualify {} --offer SLUG", short_id(intake.id.text))};
  const auto offer = offers::find_offer(tx, std::string_view(*intake.offer_slug));
  offers::require_active(offer, "intake");
  if (offer.price.free || !offer.price.cents)
    refuse_conflict("no_price", fmt::format("The offer {} has no price to agree on.", offer.slug),
                    fmt::format("steward offers reprice {} --price P --reason R", offer.slug));
  return {*offer.price.cents, offer.currency};
}

std::optional<std::string> id_of(db::Tx& tx, const std::optional<identity::UserRef>& ref,
                                 std::span<const ops::Role> roles, std::string_view field) {
  if (!ref) return std::nullopt;
  return identity::require_active(tx, *ref, roles, field).id.text;
}

NewDeal new_deal(ops::Context& context, const intake::Intake& intake, const CreateArgs& args) {
  auto& tx = context.tx;
  const auto price = price_of(tx, intake);
  const auto provider_rate = rates::current_rate(tx, rates::RateName::provider, context.now());
  const auto referrer_rate = rates::current_rate(tx, rates::RateName::referrer, context.now());
  const auto named = id_of(tx, args.referrer, {}, "referrer");
  return {.intake_id = intake.id.text,
          .offer_slug = intake.offer_slug.value(),
          .price = price,
          .provider_rate_id = provider_rate.id.text,
          .referrer_rate_id = referrer_rate.id.text,
          .provider_rate_bp = provider_rate.bp,
          .referrer_rate_bp = referrer_rate.bp,
          .referrer_user_id = named ? named : intake.referrer_user_id,
          .requested_provider_user_id = id_of(tx, args.provider_requested, kProviders, "provider-requested")};
}

ops::Change create_deal(ops::Context& context, const CreateArgs& args) {
  const auto intake = intake::find_intake(context.tx, args.intake);
  intake::book_intake(context, intake);
  const auto id = insert_deal(context, new_deal(context, intake, args));
  const auto deal = find_deal(context.tx, id);
  ops::Change change;
  change.target_type = "deal";
  change.target_id = id.text;
  change.sentence =
      fmt::format("Made a deal with {}: {} for {}.", deal.client_email, deal.offer_slug, to_text(deal.agreed_price));
  change.data = deal_record(context.tx, id);
  change.metadata =
      Json{{"intake_id", deal.intake_id},
           {"intake_status", Json{{"from", to_text(intake.status)}, {"to", to_text(intake::Status::booked)}}},
           {"after", Json{{"status", to_text(deal.status)}}}};
  change.next = fmt::format("steward deals assign {} --provider USER --maestro USER", short_id(id.text));
  return change;
}

struct AssignArgs {
  DealRef deal;
  identity::UserRef provider, maestro;
  std::optional<ops::LongText<2000>> note;
};

Json people_of(const std::optional<std::string>& provider, const std::optional<std::string>& maestro, Status status) {
  const auto or_null = [](const std::optional<std::string>& id) { return id ? Json(*id) : Json(); };
  return Json{
      {"status", to_text(status)}, {"provider_user_id", or_null(provider)}, {"maestro_user_id", or_null(maestro)}};
}

ops::Change assign_deal(ops::Context& context, const AssignArgs& args) {
  const auto deal = find_deal(context.tx, ops::resolve(context.tx, args.deal));
  const auto provider = identity::require_active(context.tx, args.provider, kProviders, "provider");
  const auto maestro = identity::require_active(context.tx, args.maestro, kMaestros, "maestro");
  const auto label = label_of(deal.id.text);
  if (deal.provider_user_id == provider.id.text && deal.maestro_user_id == maestro.id.text)
    return unchanged(context, deal, fmt::format("{} is assigned to {} and {}.", label, provider.email, maestro.email));
  kLifecycle.require(deal.status, Status::assigned, label);
  const Party party{provider.id.text, maestro.id.text, deal.referrer_user_id};
  require_different_people(party);
  assign(context, deal, party, args.note ? std::optional(args.note->value) : std::nullopt);
  auto change = changed(context, deal,
                        fmt::format("Assigned {} to {}, answered for by {}.", label, provider.email, maestro.email));
  change.metadata = Json{{"before", people_of(deal.provider_user_id, deal.maestro_user_id, deal.status)},
                         {"after", people_of(party.provider, party.maestro, Status::assigned)}};
  if (deal.approval_id) change.metadata.set("approval_reset", *deal.approval_id);
  change.next = fmt::format("steward deals approve {}", short_id(deal.id.text));
  return change;
}

}  // namespace

std::vector<ops::Role> people_of_deals() { return {apprentice, associate, certified_consultant, maestro}; }

void register_creation(ops::Registry& registry) {
  registry.add(
      ops::declare<CreateArgs>("deals.create", "Make a deal of a qualified intake")
          .details("The offer's price and the rates are kept as they stand now. The intake becomes BOOKED.")
          .option("intake", &CreateArgs::intake, "A QUALIFIED or BOOKED intake that names an active, priced offer")
          .option("provider-requested", &CreateArgs::provider_requested, "Whom the client asked for")
          .option("referrer", &CreateArgs::referrer, "Who brought the client; the intake's if absent")
          .needs("deals:write")
          .also({maestro})
          .example("steward deals create --intake 3fa09b12 --provider-requested ines@example.org")
          .returns(kDealColumns)
          .writes(create_deal));
  registry.add(ops::declare<AssignArgs>("deals.assign", "Say who delivers a deal, and who answers for it")
                   .details("May be repeated until the deal is PAID; a new assignment needs a new approval.")
                   .subject("deal", &AssignArgs::deal, "Id, or unique tail of one")
                   .option("provider", &AssignArgs::provider, "An APPRENTICE, ASSOCIATE or CERTIFIED_CONSULTANT")
                   .option("maestro", &AssignArgs::maestro, "A MAESTRO, another person")
                   .option("note", &AssignArgs::note, "For the history")
                   .needs("deals:write")
                   .also({maestro})
                   .example("steward deals assign 3fa09b12 --provider ines@example.org --maestro noor@example.org")
                   .returns(kDealColumns)
                   .writes(assign_deal));
}

}  // namespace steward::deals
