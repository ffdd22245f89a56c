#include "studio/intake/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/encoding.h"
#include "studio/contacts/contacts.h"

namespace steward::intake {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "i.id"},
    {.name = "status", .sql = "i.status"},
    {.name = "priority", .sql = "i.priority", .kind = Kind::integer},
    {.name = "contact_name", .sql = "i.contact_name"},
    {.name = "contact_email", .sql = "i.contact_email"},
    {.name = "audience", .sql = "i.audience"},
    {.name = "organization_name", .sql = "i.organization_name"},
    {.name = "goals", .sql = "i.goals", .shown = Shown::record},
    {.name = "timeline", .sql = "i.timeline", .shown = Shown::record},
    {.name = "constraints", .sql = "i.constraints", .shown = Shown::record},
    {.name = "offer_slug", .sql = "i.offer_slug"},
    {.name = "contact_id", .sql = "i.contact_id", .shown = Shown::record},
    {.name = "owner_user_id", .sql = "i.owner_user_id", .shown = Shown::record},
    {.name = "owner_email", .sql = "o.email"},
    {.name = "referral_code", .sql = "i.referral_code", .shown = Shown::record},
    {.name = "referrer_user_id", .sql = "i.referrer_user_id", .shown = Shown::record},
    {.name = "referrer_email", .sql = "r.email", .shown = Shown::record},
    {.name = "attribution_error", .sql = "i.attribution_error", .shown = Shown::record},
    {.name = "version", .sql = "i.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "i.created_at", .kind = Kind::instant},
    {.name = "updated_at", .sql = "i.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr ops::Column kNoteColumns[] = {
    {.name = "note", .sql = "n.note"},
    {.name = "created_at", .sql = "n.created_at", .kind = Kind::instant},
    {.name = "created_by", .sql = "n.created_by"},
    {.name = "created_by_email", .sql = "u.email"},
    {.name = "actor", .sql = "n.actor"},
    {.name = "token_id", .sql = "n.token_id"},
    {.name = "request_id", .sql = "n.request_id"},
    {.name = "operation", .sql = "n.operation"},
};

constexpr auto kContact = R"sql(
  SELECT c.id, c.email, c.full_name, c.status FROM intake_requests i JOIN contacts c ON c.id = i.contact_id
   WHERE i.id = $1
)sql";
constexpr auto kFind = R"sql(
  SELECT id, status, contact_name, contact_email, organization_name, offer_slug, owner_user_id, referrer_user_id,
         priority, version
    FROM intake_requests WHERE id = $1
)sql";
constexpr auto kSameRequest = R"sql(
  SELECT id FROM intake_requests
   WHERE contact_email = $1 AND goals_hash = $2 AND created_at > $3 ORDER BY created_at, id LIMIT 1
)sql";
constexpr auto kSameRow = R"sql(
  SELECT id FROM intake_requests
   WHERE contact_email = $1 AND goals_hash = $2 AND audience = $3 AND contact_name = $4
     AND coalesce(organization_name, '') = coalesce(CAST($5 AS text), '') AND goals = $6
     AND coalesce(timeline, '') = coalesce(CAST($7 AS text), '')
     AND coalesce(constraints, '') = coalesce(CAST($8 AS text), '')
     AND coalesce(offer_slug, '') = coalesce(CAST($9 AS text), '')
     AND coalesce(referral_code, '') = coalesce(CAST($10 AS text), '')
   ORDER BY created_at, id LIMIT 1
)sql";
constexpr auto kMadeSince = "SELECT count(*) FROM intake_requests WHERE contact_email = $1 AND created_at > $2";
constexpr auto kInsert = R"sql(
  INSERT INTO intake_requests (id, audience, contact_name, contact_email, organization_name, goals, goals_hash, timeline,
                               constraints, status, priority, offer_slug, referral_code, attribution_error, version,
                               created_at, updated_at, contact_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $15, $16)
)sql";
constexpr auto kStoreHandling = R"sql(
  UPDATE intake_requests SET status = $4, owner_user_id = $5, priority = $6, offer_slug = $7, version = version + 1,
         updated_at = $8
   WHERE id = $1 AND status = $2 AND version = $3
)sql";
constexpr auto kInsertNote = R"sql(
  INSERT INTO intake_notes (id, intake_request_id, note, created_at, created_by, actor, token_id, request_id, operation)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)sql";
constexpr auto kDeal = "SELECT id, status FROM deals WHERE intake_id = $1";

}  // namespace

const std::span<const ops::Column> kIntakeColumns = kColumns;

ops::Listing intake_listing() {
  ops::Listing listing(kColumns,
                       "intake_requests i LEFT JOIN users o ON o.id = i.owner_user_id"
                       " LEFT JOIN users r ON r.id = i.referrer_user_id");
  listing.key("i.id");
  return listing;
}

Json intake_record(db::Tx& tx, const IntakeId& id) { return intake_listing().where("i.id = {}", {id}).record(tx); }

Json notes_of(db::Tx& tx, const IntakeId& id) {
  ops::Listing listing(kNoteColumns, "intake_notes n LEFT JOIN users u ON u.id = n.created_by");
  return listing.where("n.intake_request_id = {}", {id}).key("n.id", false).records(tx);
}

Json deal_of(db::Tx& tx, const IntakeId& id) {
  return tx.first(kDeal, {id},
                  [](const db::Row& row) {
                    return Json{{"id", row.text(0)}, {"status", row.text(1)}};
                  })
      .value_or(Json());
}

Json contact_of(db::Tx& tx, const IntakeId& id) {
  return tx
      .first(kContact, {id},
             [](const db::Row& row) {
               return Json{{"id", row.text(0)},
                           {"email", row.text(1)},
                           {"full_name", row.is_null(2) ? Json() : Json(row.text(2))},
                           {"status", row.text(3)}};
             })
      .value_or(Json());
}

Intake find_intake(db::Tx& tx, const IntakeId& id) {
  auto found = tx.first(kFind, {id}, [&](const db::Row& row) {
    return Intake{id,
                  row.choice<Status>(1),
                  row.str(2),
                  row.str(3),
                  row.maybe_text(4),
                  row.maybe_text(5),
                  row.maybe_text(6),
                  row.maybe_text(7),
                  row.integer(8),
                  row.integer(9)};
  });
  if (found) return std::move(*found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no intake '{}'.", id.text)}.at("intake");
}

Intake find_intake(db::Tx& tx, const IntakeRef& ref, std::string_view field) {
  return find_intake(tx, ops::resolve(tx, ref, field));
}

std::string goals_hash(const Submission& submission) {
  return ops::blake2b_hex(goals_for_comparison(submission.goals));
}

std::optional<IntakeId> same_request(db::Tx& tx, const Submission& submission, std::string_view hash, Instant since) {
  return tx.first(kSameRequest, {submission.contact_email, hash, since},
                  [](const db::Row& row) { return IntakeId{row.str(0)}; });
}

std::optional<IntakeId> same_row(db::Tx& tx, const Submission& s, std::string_view hash) {
  return tx.first(kSameRow,
                  {s.contact_email, hash, s.audience, s.contact_name, s.organization_name, s.goals, s.timeline,
                   s.constraints, s.offer_slug, s.referral_code},
                  [](const db::Row& row) { return IntakeId{row.str(0)}; });
}

std::int64_t made_since(db::Tx& tx, std::string_view email, Instant since) {
  return tx.integer(kMadeSince, {email, since});
}

IntakeId insert_intake(ops::Context& context, const Submission& s, std::string_view hash) {
  IntakeId id{context.new_id()};
  const auto contact = contacts::upsert_from_intake(context, s.contact_email, s.contact_name);
  const auto attribution_error = s.referral_code ? std::optional(kUnknownCode) : std::nullopt;
  context.tx.exec(kInsert, {id, s.audience, s.contact_name, s.contact_email, s.organization_name, s.goals, hash,
                            s.timeline, s.constraints, Status::new_, s.priority, s.offer_slug, s.referral_code,
                            attribution_error, context.now(), contact});
  ops::record_history(context, kHistory, id.text, {}, to_text(Status::new_));
  return id;
}

void store_handling(db::Tx& tx, const Intake& intake, const Handling& handling) {
  if (tx.exec(kStoreHandling, {intake.id, intake.status, intake.version, handling.status, handling.owner_user_id,
                               handling.priority, handling.offer_slug, tx.now()}) == 1)
    return;
  refuse_conflict("stale_version", "Somebody changed this intake first.", "Read it again, then retry.");
}

void insert_note(ops::Context& context, const IntakeId& id, std::string_view note) {
  const auto note_id = context.new_id();
  const auto& actor = context.actor;
  context.tx.exec(kInsertNote, {note_id, id, note, context.now(), actor.user_id, actor.id, actor.token_id,
                                context.request.request_id, context.operation.path});
}

}  // namespace steward::intake
