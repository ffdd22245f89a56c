#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/offers/operations.h"
#include "studio/offers/rows.h"

namespace steward::offers {
namespace {

std::optional<std::string> outcomes_text(const std::vector<ops::Text<300>>& outcomes) {
  if (outcomes.empty()) return {};
  Json list = Json::array();
  for (const auto& outcome : outcomes) list.push(outcome.value);
  return to_canonical(list);
}

ops::Change change_of(ops::Context& context, const OfferId& id, std::string sentence) {
  ops::Change change;
  change.target_type = "offer";
  change.target_id = id.text;
  change.sentence = std::move(sentence);
  change.data = offer_record(context.tx, id);
  return change;
}

ops::Change no_change(ops::Context& context, const Offer& offer, std::string sentence) {
  return ops::Change::none("offer", offer.id.text, std::move(sentence), offer_record(context.tx, offer.id));
}

void require_version(const Offer& offer, const std::optional<Version>& wanted) {
  if (!wanted || wanted->value == offer.version) return;
  refuse_conflict("stale_version",
                  fmt::format("Offer {} is at version {}, not {}.", offer.slug, offer.version, wanted->value),
                  "Read it again, then retry.");
}

void warn_of_gaps(ops::Change& change, const Offer& offer, const Description& description) {
  if (offer.is_active() && description.duration_label.empty())
    change.warnings.push_back({"incomplete", fmt::format("Offer {} says nothing of its duration.", offer.slug)});
}

Json price_json(const Price& price, Currency currency) {
  return Json{{"price_cents", price.cents ? Json(*price.cents) : Json()},
              {"is_free", price.free},
              {"currency", currency.code()}};
}

// ---- create ----

struct CreateArgs {
  ops::Slug slug;
  ops::Text<200> title;
  ops::LongText<2000> summary;
  Audience audience;
  DeliveryMode delivery_mode;
  std::optional<ops::Amount> price;
  std::optional<Currency> currency;
  bool free = false, inactive = false;
  std::optional<ops::WebUrl> booking_url;
  std::optional<ops::Text<100>> duration;
  std::optional<ops::Slug> refund_policy;
  std::vector<ops::Text<300>> outcome;
};

void check_create(const CreateArgs& args) {
  if (args.price && args.free)
    refuse_usage("conflicting_arguments", "An offer is free or has a price, not both.", "free");
  if (args.price && !args.currency) refuse_usage("missing_argument", "A price needs its --currency.", "currency");
}

Price price_of(const std::optional<ops::Amount>& amount, bool free, Currency currency) {
  if (!amount) return {{}, free};
  return {parse_money(amount->text, currency).minor, false};
}

Description description_of(const CreateArgs& args) {
  return {args.title,
          args.summary,
          args.audience,
          args.delivery_mode,
          args.booking_url ? std::optional<std::string>(args.booking_url->value) : std::nullopt,
          outcomes_text(args.outcome),
          args.duration ? args.duration->value : "",
          args.refund_policy ? args.refund_policy->value : "standard"};
}

ops::Change create_offer(ops::Context& context, const CreateArgs& args) {
  const auto currency = args.currency.value_or(Currency::parse("USD"));
  const auto price = price_of(args.price, args.free, currency);
  if (slug_taken(context.tx, args.slug.value))
    refuse_conflict("duplicate", fmt::format("There is an offer {} already.", args.slug.value), "Choose another slug.");
  const auto status = price.is_set() && !args.inactive ? Status::active : Status::inactive;
  const Offer offer{{context.new_id()}, args.slug.value, args.title.value, status, price, currency};
  const auto description = description_of(args);
  insert_offer(context, offer, description);
  record_first_price(context, offer);
  auto change =
      change_of(context, offer.id,
                fmt::format("Created offer {} ({}), {}.", offer.slug, price_text(price, currency), to_text(status)));
  change.metadata = {{"after", price_json(price, currency).set("status", to_text(status))}};
  if (!offer.is_active())
    change.next = price.is_set() ? fmt::format("steward offers activate {}", offer.slug)
                                 : fmt::format("steward offers reprice {} --price P --reason R", offer.slug);
  warn_of_gaps(change, offer, description);
  return change;
}

// ---- update ----

struct UpdateArgs {
  OfferRef offer;
  std::optional<ops::Text<200>> title;
  std::optional<ops::LongText<2000>> summary;
  std::optional<Audience> audience;
  std::optional<DeliveryMode> delivery_mode;
  ops::Patch<ops::WebUrl> booking_url;
  ops::Patch<ops::Text<100>> duration;
  std::optional<ops::Slug> refund_policy;
  std::vector<ops::Text<300>> outcome;
  std::optional<Version> if_version;
};

Description updated(Description d, const UpdateArgs& args) {
  if (args.title) d.title = args.title->value;
  if (args.summary) d.summary = args.summary->value;
  if (args.audience) d.audience = *args.audience;
  if (args.delivery_mode) d.delivery_mode = *args.delivery_mode;
  if (args.booking_url.touched())
    d.booking_url = args.booking_url.value ? std::optional<std::string>(args.booking_url.value->value) : std::nullopt;
  if (args.duration.touched()) d.duration_label = args.duration.value ? args.duration.value->value : "";
  if (args.refund_policy) d.refund_policy_key = args.refund_policy->value;
  if (!args.outcome.empty()) d.outcomes_json = outcomes_text(args.outcome);
  return d;
}

// Which fields differ; of free text the audit keeps the name only.
Json differences(const Description& a, const Description& b) {
  Json out = Json::array();
  const auto note = [&](const char* name, bool same) {
    if (!same) out.push(name);
  };
  note("title", a.title == b.title);
  note("summary", a.summary == b.summary);
  note("audience", a.audience == b.audience);
  note("delivery_mode", a.delivery_mode == b.delivery_mode);
  note("booking_url", a.booking_url == b.booking_url);
  note("outcomes_json", a.outcomes_json == b.outcomes_json);
  note("duration_label", a.duration_label == b.duration_label);
  note("refund_policy_key", a.refund_policy_key == b.refund_policy_key);
  return out;
}

Json enums_of(const Description& d) {
  return Json{{"audience", to_text(d.audience)}, {"delivery_mode", to_text(d.delivery_mode)}};
}

ops::Change update_offer(ops::Context& context, const UpdateArgs& args) {
  const auto offer = find_offer(context.tx, args.offer);
  require_version(offer, args.if_version);
  const auto before = describe(context.tx, offer.id);
  const auto after = updated(before, args);
  if (after == before) return no_change(context, offer, fmt::format("Offer {} is so already.", offer.slug));
  store_description(context.tx, offer, after);
  auto change = change_of(context, offer.id, fmt::format("Updated offer {}.", offer.slug));
  change.metadata = {{"changed", differences(before, after)}, {"before", enums_of(before)}, {"after", enums_of(after)}};
  return change;
}

// ---- activate, deactivate ----

struct SubjectArgs {
  OfferRef offer;
};

ops::Change move(ops::Context& context, Offer offer, Status to, std::string_view done) {
  if (offer.status == to)
    return no_change(context, offer, fmt::format("Offer {} is {} already.", offer.slug, to_text(to)));
  kLifecycle.require(offer.status, to, "Offer " + offer.slug);
  if (to == Status::active) require_price(offer.price, offer.slug);
  store_status(context.tx, offer, to);
  auto change = change_of(context, offer.id, fmt::format("{} offer {}.", done, offer.slug));
  change.metadata = {{"before", Json{{"status", to_text(offer.status)}}}, {"after", Json{{"status", to_text(to)}}}};
  offer.status = to;
  warn_of_gaps(change, offer, describe(context.tx, offer.id));
  return change;
}

ops::Change activate_offer(ops::Context& context, const SubjectArgs& args) {
  return move(context, find_offer(context.tx, args.offer), Status::active, "Activated");
}

ops::Change deactivate_offer(ops::Context& context, const SubjectArgs& args) {
  return move(context, find_offer(context.tx, args.offer), Status::inactive, "Deactivated");
}

// ---- reprice ----

struct RepriceArgs {
  OfferRef offer;
  std::optional<ops::Amount> price;
  std::optional<Currency> currency;
  bool free = false;
  ops::Text<500> reason;
  std::optional<Version> if_version;
};

void check_reprice(const RepriceArgs& args) {
  if (args.price && args.free)
    refuse_usage("conflicting_arguments", "An offer is free or has a price, not both.", "free");
  if (!args.price && !args.free) refuse_usage("missing_argument", "Say the new --price, or --free.", "price");
}

void require_currency_may_change(ops::Context& context, const Offer& offer, Currency to) {
  if (offer.currency == to) return;
  const auto holder = currency_held_by(context.tx, offer);
  if (holder.empty()) return;
  throw Error{ErrorKind::conflict, "currency_mismatch",
              fmt::format("Offer {} has {} in {}; its currency can't become {}.", offer.slug, holder,
                          offer.currency.code(), to.code()),
              holder == "a package" ? "Remove its packages first, or make a new offer for the other currency."
                                    : "Make a new offer for the other currency."}
      .at("currency");
}

// A line of the history has one currency, so a change of currency takes two.
void record_reprice(ops::Context& context, const Offer& offer, const Price& to, Currency currency,
                    std::string_view reason) {
  if (currency == offer.currency || !offer.price.is_set())
    return record_price(context, offer.id, offer.price, to, currency, reason);
  record_price(context, offer.id, offer.price, {}, offer.currency, reason);
  record_price(context, offer.id, {}, to, currency, reason);
}

ops::Change reprice_offer(ops::Context& context, const RepriceArgs& args) {
  const auto offer = find_offer(context.tx, args.offer);
  require_version(offer, args.if_version);
  const auto currency = args.currency.value_or(offer.currency);
  const auto price = price_of(args.price, args.free, currency);
  const auto was = price_text(offer.price, offer.currency), is = price_text(price, currency);
  if (price == offer.price && currency == offer.currency)
    return no_change(context, offer, fmt::format("Offer {} is {} already.", offer.slug, is));
  require_currency_may_change(context, offer, currency);
  store_price(context.tx, offer, price, currency);
  record_reprice(context, offer, price, currency, args.reason.value);
  auto change = change_of(context, offer.id, fmt::format("Repriced offer {} from {} to {}.", offer.slug, was, is));
  change.metadata = {{"before", price_json(offer.price, offer.currency)}, {"after", price_json(price, currency)}};
  if (!offer.is_active()) change.next = fmt::format("steward offers activate {}", offer.slug);
  return change;
}

void register_description(ops::Registry& registry) {
  registry.add(ops::declare<CreateArgs>("offers.create", "Create an offer")
                   .details("An offer that is free or has a price is ACTIVE at once unless --inactive is given; one "
                            "without is INACTIVE until it has a price and is activated.")
                   .option("slug", &CreateArgs::slug, "Its name in commands and addresses")
                   .option("title", &CreateArgs::title, "Title")
                   .option("summary", &CreateArgs::summary, "What it is, in a few sentences")
                   .option("audience", &CreateArgs::audience, "Whom it is for")
                   .option("delivery-mode", &CreateArgs::delivery_mode, "How it is given")
                   .option("price", &CreateArgs::price, "Price, with --currency")
                   .option("currency", &CreateArgs::currency, "Currency of the price; USD while there is none")
                   .option("free", &CreateArgs::free, "It costs nothing")
                   .option("inactive", &CreateArgs::inactive, "Don't offer it yet")
                   .option("booking-url", &CreateArgs::booking_url, "Where it is booked")
                   .option("duration", &CreateArgs::duration, "How long it takes, in words")
                   .option("refund-policy", &CreateArgs::refund_policy, "Key of the refund policy; standard if absent")
                   .option("outcome", &CreateArgs::outcome, "What a participant takes away; once per sentence")
                   .check(check_create)
                   .needs("offers:write")
                   .example("steward offers create --slug listening-lab --title 'Listening lab' --summary "
                            "'Asking before answering.' --audience BOTH --delivery-mode HYBRID --price 2500.00 "
                            "--currency EUR --duration '4 hours'")
                   .returns(kOfferColumns)
                   .writes(create_offer));
  registry.add(
      ops::declare<UpdateArgs>("offers.update", "Change how an offer is described")
          .details("The price changes with 'offers reprice'; what is offered, with 'activate' and 'deactivate'.")
          .positional("offer", &UpdateArgs::offer, "Slug, id, or unique tail of an id")
          .option("title", &UpdateArgs::title, "Title")
          .option("summary", &UpdateArgs::summary, "What it is, in a few sentences")
          .option("audience", &UpdateArgs::audience, "Whom it is for")
          .option("delivery-mode", &UpdateArgs::delivery_mode, "How it is given")
          .option("booking-url", &UpdateArgs::booking_url, "Where it is booked")
          .option("duration", &UpdateArgs::duration, "How long it takes, in words")
          .option("refund-policy", &UpdateArgs::refund_policy, "Key of the refund policy")
          .option("outcome", &UpdateArgs::outcome, "What a participant takes away; replaces all of them")
          .option("if-version", &UpdateArgs::if_version, "Only if the offer is still at this version")
          .needs("offers:write")
          .example("steward offers update disciplined-inquiry --duration '6 hours'")
          .returns(kOfferColumns)
          .writes(update_offer));
}

void register_lifecycle(ops::Registry& registry) {
  registry.add(ops::declare<SubjectArgs>("offers.activate", "Put an offer on sale")
                   .subject("offer", &SubjectArgs::offer, "Slug, id, or unique tail of an id")
                   .needs("offers:write")
                   .example("steward offers activate disciplined-inquiry")
                   .returns(kOfferColumns)
                   .writes(activate_offer));
  registry.add(ops::declare<SubjectArgs>("offers.deactivate", "Take an offer off sale, or archive it")
                   .subject("offer", &SubjectArgs::offer, "Slug, id, or unique tail of an id")
                   .needs("offers:write")
                   .example("steward offers deactivate disciplined-inquiry")
                   .returns(kOfferColumns)
                   .writes(deactivate_offer));
  registry.add(ops::declare<RepriceArgs>("offers.reprice", "Change an offer's price, and keep the old one on record")
                   .details("Deals keep the price they were made at. The currency can change until the first deal, "
                            "proposal or priced package.")
                   .positional("offer", &RepriceArgs::offer, "Slug, id, or unique tail of an id")
                   .option("price", &RepriceArgs::price, "The new price")
                   .option("currency", &RepriceArgs::currency, "Its currency; the offer's if absent")
                   .option("free", &RepriceArgs::free, "It costs nothing from now on")
                   .option("reason", &RepriceArgs::reason, "Why, for the price history")
                   .option("if-version", &RepriceArgs::if_version, "Only if the offer is still at this version")
                   .check(check_reprice)
                   .needs("offers:write")
                   .risk(ops::Risk::high)
                   .example("steward offers reprice disciplined-inquiry --price 2800.00 --reason 'Longer course' --yes")
                   .returns(kOfferColumns)
                   .writes(reprice_offer));
}

}  // namespace

void register_writes(ops::Registry& registry) {
  registry.add(kLifecycle);
  register_description(registry);
  register_lifecycle(registry);
}

}  // namespace steward::offers
