#include "studio/offers/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/lookup.h"
#include "db/transfer.h"

namespace steward::offers {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "o.id", .shown = Shown::record},
    {.name = "slug", .sql = "o.slug"},
    {.name = "title", .sql = "o.title"},
    {.name = "summary", .sql = "o.summary", .shown = Shown::record},
    {.name = "audience", .sql = "o.audience"},
    {.name = "delivery_mode", .sql = "o.delivery_mode"},
    {.name = "status", .sql = "o.status"},
    {.name = "price_cents", .sql = "o.price_cents", .kind = Kind::money},
    {.name = "currency", .sql = "o.currency"},
    {.name = "is_free", .sql = "o.is_free", .kind = Kind::boolean},
    {.name = "duration_label", .sql = "o.duration_label"},
    {.name = "booking_url", .sql = "o.booking_url", .shown = Shown::record},
    {.name = "outcomes_json", .sql = "o.outcomes_json", .kind = Kind::json, .shown = Shown::record},
    {.name = "refund_policy_key", .sql = "o.refund_policy_key", .shown = Shown::record},
    {.name = "created_by", .sql = "o.created_by", .shown = Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "version", .sql = "o.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "o.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "o.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr ops::Column kPriceColumns[] = {
    {.name = "from_cents", .sql = "h.from_cents", .kind = Kind::money},
    {.name = "to_cents", .sql = "h.to_cents", .kind = Kind::money},
    {.name = "currency", .sql = "h.currency"},
    {.name = "reason", .sql = "h.reason"},
    {.name = "effective_at", .sql = "h.effective_at", .kind = Kind::instant},
    {.name = "changed_at", .sql = "h.changed_at", .kind = Kind::instant},
    {.name = "changed_by", .sql = "h.changed_by"},
    {.name = "changed_by_email", .sql = "u.email"},
    {.name = "actor", .sql = "h.actor"},
    {.name = "token_id", .sql = "h.token_id"},
    {.name = "request_id", .sql = "h.request_id"},
    {.name = "operation", .sql = "h.operation"},
};

constexpr auto kFind = R"sql(
  SELECT id, slug, title, status, price_cents, is_free, currency, version FROM offers WHERE id = $1
)sql";
constexpr auto kIdOfSlug = "SELECT id FROM offers WHERE slug = $1";
constexpr auto kDescribe = R"sql(
  SELECT title, summary, audience, delivery_mode, booking_url, outcomes_json, duration_label, refund_policy_key
    FROM offers WHERE id = $1
)sql";
constexpr auto kBySlug = R"sql(
  SELECT id, slug, title, status, price_cents, is_free, currency, version, title, summary, audience, delivery_mode,
         booking_url, outcomes_json, duration_label, refund_policy_key
    FROM offers WHERE slug = $1
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, booking_url, outcomes_json, price_cents,
                      is_free, currency, duration_label, refund_policy_key, created_by, version, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $16)
)sql";
constexpr auto kStoreDescription = R"sql(
  UPDATE offers SET title = $3, summary = $4, audience = $5, delivery_mode = $6, booking_url = $7, outcomes_json = $8,
         duration_label = $9, refund_policy_key = $10, version = version + 1, updated_at = $11
   WHERE id = $1 AND version = $2
)sql";
constexpr auto kStoreStatus = R"sql(
  UPDATE offers SET status = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND status = $2
)sql";
constexpr auto kStorePrice = R"sql(
  UPDATE offers SET price_cents = $3, is_free = $4, currency = $5, version = version + 1, updated_at = $6
   WHERE id = $1 AND version = $2
)sql";
constexpr auto kRecordPrice = R"sql(
  INSERT INTO offer_price_history (id, offer_id, from_cents, to_cents, currency, reason, effective_at, changed_at,
                                   changed_by, actor, token_id, request_id, operation)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12)
)sql";
constexpr auto kCurrencyHeldBy = R"sql(
  SELECT CASE WHEN EXISTS (SELECT 1 FROM deals WHERE offer_slug = $1) THEN 'a deal'
              WHEN EXISTS (SELECT 1 FROM proposals WHERE offer_slug = $1) THEN 'a proposal'
              WHEN EXISTS (SELECT 1 FROM offer_packages
                            WHERE offer_id = $2 AND currency IS NOT NULL AND removed_at IS NULL) THEN 'a package' END
)sql";

constexpr auto kFirstPrice = "First price";

Offer offer_of(const db::Row& row) {
  return {{row.str(0)},
          row.str(1),
          row.str(2),
          row.choice<Status>(3),
          {row.boolean(5) ? std::nullopt : row.maybe_integer(4), row.boolean(5)},
          Currency::parse(row.text(6)),
          row.integer(7)};
}

// Eight columns, of which the first is at `from`.
Description description_of(const db::Row& row, int from) {
  return {row.str(from),
          row.str(from + 1),
          row.choice<Audience>(from + 2),
          row.choice<DeliveryMode>(from + 3),
          row.maybe_text(from + 4),
          row.maybe_text(from + 5),
          row.str(from + 6),
          row.str(from + 7)};
}

Offer by_id(db::Tx& tx, const OfferId& id) { return *tx.first(kFind, {id}, offer_of); }

void require_one(std::int64_t rows, const Offer& offer) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed offer {} first.", offer.slug),
                  "Read it again, then retry.");
}

std::optional<std::int64_t> history_cents(const Price& price) {
  return price.free ? std::optional<std::int64_t>(0) : price.cents;
}

}  // namespace

const std::span<const ops::Column> kOfferColumns = kColumns;

ops::Listing offer_listing() {
  ops::Listing listing(kColumns, "offers o LEFT JOIN users u ON u.id = o.created_by");
  listing.key("o.id");
  return listing;
}

Json offer_record(db::Tx& tx, const OfferId& id) { return offer_listing().where("o.id = {}", {id}).record(tx); }

Json price_history(db::Tx& tx, const OfferId& id) {
  ops::Listing listing(kPriceColumns, "offer_price_history h LEFT JOIN users u ON u.id = h.changed_by");
  return listing.where("h.offer_id = {}", {id}).key("h.id", false).records(tx);
}

Offer find_offer(db::Tx& tx, const OfferRef& ref, std::string_view field) {
  return by_id(tx, ops::resolve(tx, ref, field));
}

Offer find_offer(db::Tx& tx, std::string_view slug) {
  const auto id = tx.text(kIdOfSlug, {to_lower(slug)});
  if (id) return by_id(tx, {*id});
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no offer '{}'.", slug),
              "steward offers list names them all."}
      .at("offer");
}

void require_active(const Offer& offer, std::string_view field) {
  if (offer.is_active()) return;
  throw Error{ErrorKind::conflict, "offer_inactive", fmt::format("Offer {} is not on sale.", offer.slug),
              fmt::format("Activate it, or name another: steward offers activate {}.", offer.slug)}
      .at(field);
}

bool slug_taken(db::Tx& tx, std::string_view slug) { return tx.exists(kIdOfSlug, {slug}); }

Description describe(db::Tx& tx, const OfferId& id) {
  return *tx.first(kDescribe, {id}, [](const db::Row& row) { return description_of(row, 0); });
}

void each_offer_of(db::Tx& tx, const std::vector<std::string>& slugs,
                   const std::function<void(const Offer&, const Description&)>& found) {
  db::Questions questions(1);
  for (const auto& slug : slugs) questions.add({slug});
  db::ask_each(tx.connection(), kBySlug, questions,
               [&](std::size_t, const db::Row& row) { found(offer_of(row), description_of(row, 8)); });
}

void insert_offer(ops::Context& context, const Offer& offer, const Description& d) {
  context.tx.exec(kInsert, {offer.id, offer.slug, d.title, d.summary, d.audience, d.delivery_mode, offer.status,
                            d.booking_url, d.outcomes_json, offer.price.cents, offer.price.free, offer.currency.code(),
                            d.duration_label, d.refund_policy_key, context.actor.user_id, context.now()});
}

void insert_offers(ops::Context& context, std::span<const NewOffer> offers) {
  const auto& actor = context.actor;
  const auto now = context.now();
  const auto rows =
      db::bulk_insert(context.tx.connection(), "offers",
                      {"id", "slug", "title", "summary", "audience", "delivery_mode", "status", "booking_url",
                       "outcomes_json", "price_cents", "is_free", "currency", "duration_label", "refund_policy_key",
                       "created_by", "version", "created_at", "updated_at"});
  for (const auto& [offer, d] : offers)
    rows->add({offer.id, offer.slug, d.title, d.summary, d.audience, d.delivery_mode, offer.status, d.booking_url,
               d.outcomes_json, offer.price.cents, offer.price.free, offer.currency.code(), d.duration_label,
               d.refund_policy_key, actor.user_id, 1, now, now});
  rows->finish();
  const auto prices = db::bulk_insert(context.tx.connection(), "offer_price_history",
                                      {"id", "offer_id", "from_cents", "to_cents", "currency", "reason", "effective_at",
                                       "changed_at", "changed_by", "actor", "token_id", "request_id", "operation"});
  for (const auto& [offer, d] : offers)
    if (offer.price.is_set()) {
      const auto id = context.new_id();
      prices->add({id, offer.id, nullptr, history_cents(offer.price), offer.currency.code(), kFirstPrice, now, now,
                   actor.user_id, actor.id, actor.token_id, context.request.request_id, context.operation.path});
    }
  prices->finish();
}

void store_description(db::Tx& tx, const Offer& offer, const Description& d) {
  require_one(
      tx.exec(kStoreDescription, {offer.id, offer.version, d.title, d.summary, d.audience, d.delivery_mode,
                                  d.booking_url, d.outcomes_json, d.duration_label, d.refund_policy_key, tx.now()}),
      offer);
}

void store_status(db::Tx& tx, const Offer& offer, Status to) {
  require_one(tx.exec(kStoreStatus, {offer.id, offer.status, to, tx.now()}), offer);
}

void store_price(db::Tx& tx, const Offer& offer, const Price& price, Currency currency) {
  require_one(tx.exec(kStorePrice, {offer.id, offer.version, price.cents, price.free, currency.code(), tx.now()}),
              offer);
}

void record_first_price(ops::Context& context, const Offer& offer) {
  if (offer.price.is_set()) record_price(context, offer.id, {}, offer.price, offer.currency, kFirstPrice);
}

void record_price(ops::Context& context, const OfferId& id, const Price& from, const Price& to, Currency currency,
                  std::string_view reason) {
  const auto& actor = context.actor;
  const auto row_id = context.new_id();
  context.tx.exec(kRecordPrice,
                  {row_id, id, history_cents(from), history_cents(to), currency.code(), reason, context.now(),
                   actor.user_id, actor.id, actor.token_id, context.request.request_id, context.operation.path});
}

std::string currency_held_by(db::Tx& tx, const Offer& offer) {
  return tx.text(kCurrencyHeldBy, {offer.slug, offer.id}).value_or("");
}

}  // namespace steward::offers
