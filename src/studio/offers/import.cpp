#include <fmt/format.h>

#include <unordered_map>

#include "core/error.h"
#include "ops/import.h"
#include "studio/offers/operations.h"
#include "studio/offers/rows.h"

namespace steward::offers {
namespace {

struct Row {
  std::string slug, title, summary;
  Audience audience = {};
  DeliveryMode delivery_mode = {};
  std::optional<std::string> booking_url;
  std::optional<ops::Amount> price;
  std::optional<Currency> currency;
  std::string duration = {}, refund_policy = "standard";
};

template <auto Member, class Argument>
constexpr auto take = &ops::take<Member, Argument, Row>;

// Each read as 'offers create' reads its argument.
constexpr ops::ImportField<Row> kFields[] = {
    {"slug", true, take<&Row::slug, ops::Slug>},
    {"title", true, take<&Row::title, ops::Text<200>>},
    {"summary", true, take<&Row::summary, ops::LongText<2000>>},
    {"audience", true, take<&Row::audience, Audience>},
    {"delivery_mode", true, take<&Row::delivery_mode, DeliveryMode>},
    {"booking_url", false, take<&Row::booking_url, ops::WebUrl>},
    {"price", false, take<&Row::price, ops::Amount>},
    {"currency", false, take<&Row::currency, Currency>},
    {"duration", false, take<&Row::duration, ops::Text<100>>},
    {"refund_policy", false, take<&Row::refund_policy, ops::Slug>},
};

Currency currency_of(const Row& row) { return row.currency.value_or(Currency::parse("USD")); }

Price price_of(const Row& row) {
  if (!row.price) return {};
  return {parse_money(row.price->text, currency_of(row)).minor, false};
}

Description description_of(const Row& row) {
  return {row.title,       row.summary,  row.audience, row.delivery_mode,
          row.booking_url, std::nullopt, row.duration, row.refund_policy};
}

/// An offer as the file says it, or the database.
struct Content {
  Description description;
  Price price;
  Currency currency;
};

// A file says nothing of outcomes, nor, without a price, of a currency.
bool is_same(const Content& known, const Content& said) {
  auto description = known.description;
  description.outcomes_json = said.description.outcomes_json;
  return description == said.description && known.price == said.price &&
         (!said.price.is_set() || known.currency == said.currency);
}

class Offers final : public ops::Importer<Row> {
 public:
  explicit Offers(ops::Context& context) : context_(context) {}

  void check(const Row& row) override {
    if (row.price && !row.currency) refuse_usage("missing_argument", "A price needs its currency.", "currency");
    price_of(row);
  }

  void decide(std::span<Line> batch) override {
    std::unordered_map<std::string, Content> known;
    std::vector<std::string> slugs;
    for (const auto& line : batch) slugs.push_back(line.record.slug);
    each_offer_of(context_.tx, slugs, [&](const Offer& offer, const Description& description) {
      known.try_emplace(offer.slug, Content{description, offer.price, offer.currency});
    });
    for (auto& line : batch) {
      const Content said{description_of(line.record), price_of(line.record), currency_of(line.record)};
      const auto [at, is_new] = known.try_emplace(line.record.slug, said);
      if (is_new) continue;
      line.fate = ops::Fate::unchanged;
      if (!is_same(at->second, said)) line.refuse(another(line.record.slug));
    }
  }

  void keep(std::span<Line> batch) override {
    std::vector<NewOffer> fresh;
    for (const auto& line : batch)
      if (line.is_kept()) fresh.push_back(new_offer(line.record));
    if (!fresh.empty()) insert_offers(context_, fresh);
  }

  std::string name_of(const Row& row) override {
    return fmt::format("{} ({})", row.slug, price_text(price_of(row), currency_of(row)));
  }

 private:
  static Error another(const std::string& slug) {
    return Error{ErrorKind::conflict, "duplicate", fmt::format("There is an offer {} already, and it differs.", slug),
                 "steward offers update and reprice change it."}
        .at("slug");
  }

  NewOffer new_offer(const Row& row) {
    const auto price = price_of(row);
    const auto status = price.is_set() ? Status::active : Status::inactive;
    return {{{context_.new_id()}, row.slug, row.title, status, price, currency_of(row)}, description_of(row)};
  }

  ops::Context& context_;
};

ops::Change import_offers(ops::Context& context, const ops::ImportArgs& args) {
  Offers offers(context);
  auto change = ops::import_file<Row>(context, args, {"offer_import", "offer", "offers"}, kFields, offers);
  if (change.changed) change.next = "steward offers list";
  return change;
}

}  // namespace

void register_import(ops::Registry& registry) {
  registry.add(
      ops::declare_import<ops::ImportArgs>("offers.import", "Take in offers from a file of CSV or JSON lines")
          .details("slug, title, summary, audience and delivery_mode, and if there are any booking_url, price, "
                   "currency, duration, refund_policy. One with a price is ACTIVE at once, one without is "
                   "INACTIVE. An offer that is known changes nothing, and is refused where it differs: "
                   "'offers update' and 'offers reprice' keep what was.")
          .needs("offers:write")
          .example("steward offers import --file offers.csv")
          .returns(ops::kImportColumns)
          .writes(import_offers));
}

}  // namespace steward::offers
