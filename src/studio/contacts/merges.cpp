#include "studio/contacts/merges.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/listing.h"

namespace steward::contacts {
namespace {

using ops::Kind;

// Every column that refers to a contact and follows a merge; a test holds it against the schema.
struct Reference {
  std::string_view table, column;
};
constexpr Reference kReferences[] = {{"intake_requests", "contact_id"}};

constexpr ops::Column kColumns[] = {
    {.name = "from_email", .sql = "f.email"},
    {.name = "into_email", .sql = "t.email"},
    {.name = "reason", .sql = "g.reason"},
    {.name = "merged_at", .sql = "g.merged_at", .kind = Kind::instant},
    {.name = "undone_at", .sql = "g.undone_at", .kind = Kind::instant},
    {.name = "undone_note", .sql = "g.undone_note"},
    {.name = "moved", .sql = "g.moved", .kind = Kind::json},
    {.name = "filled", .sql = "g.filled", .kind = Kind::json},
    {.name = "kept", .sql = "g.kept", .kind = Kind::json},
    {.name = "from_contact_id", .sql = "g.from_contact_id"},
    {.name = "into_contact_id", .sql = "g.into_contact_id"},
    {.name = "merged_by", .sql = "g.merged_by"},
    {.name = "merged_by_email", .sql = "u.email"},
    {.name = "actor", .sql = "g.actor"},
    {.name = "undone_actor", .sql = "g.undone_actor"},
    {.name = "id", .sql = "g.id"},
};

constexpr auto kOpenMerge = R"sql(
  SELECT id, into_contact_id, moved, filled FROM contact_merges WHERE from_contact_id = $1 AND undone_at IS NULL
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO contact_merges (id, from_contact_id, into_contact_id, reason, moved, filled, kept, merged_at, merged_by,
                              actor, token_id, request_id, operation)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
)sql";
constexpr auto kMarkUndone = R"sql(
  UPDATE contact_merges SET undone_at = $2, undone_by = $3, undone_actor = $4, undone_note = $5
   WHERE id = $1 AND undone_at IS NULL
)sql";
constexpr auto kStoreMergedInto = R"sql(
  UPDATE contacts SET merged_into_id = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND version = $2
)sql";

std::vector<std::string> referring(db::Tx& tx, const Reference& reference, const ContactId& contact) {
  return tx.all(fmt::format("SELECT id FROM {} WHERE {} = $1 ORDER BY id", reference.table, reference.column),
                {contact}, [](const db::Row& row) { return row.str(0); });
}

bool point(db::Tx& tx, const Reference& reference, std::string_view id, const ContactId& from, const ContactId& to) {
  const auto sql =
      fmt::format("UPDATE {0} SET {1} = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND {1} = $2",
                  reference.table, reference.column);
  return tx.exec(sql, {id, from, to, tx.now()}) == 1;
}

}  // namespace

Json merges_of(db::Tx& tx, const ContactId& id) {
  ops::Listing listing(kColumns,
                       "contact_merges g JOIN contacts f ON f.id = g.from_contact_id"
                       " JOIN contacts t ON t.id = g.into_contact_id LEFT JOIN users u ON u.id = g.merged_by");
  listing.where("(g.from_contact_id = {} OR g.into_contact_id = {})", {id, id});
  return listing.key("g.id", false).records(tx);
}

Merge merge_of(db::Tx& tx, const ContactId& from) {
  return *tx.first(kOpenMerge, {from}, [&](const db::Row& row) {
    return Merge{row.str(0), from, {row.str(1)}, parse_json(row.text(2)), parse_json(row.text(3))};
  });
}

Json move_references(db::Tx& tx, const ContactId& from, const ContactId& into) {
  auto moved = Json::object();
  for (const auto& reference : kReferences) {
    const auto ids = referring(tx, reference, from);
    for (const auto& id : ids) point(tx, reference, id, from, into);
    moved.set(reference.table, Json(Json::Array(ids.begin(), ids.end())));
  }
  return moved;
}

std::size_t move_back(db::Tx& tx, const Merge& merge) {
  std::size_t gone = 0;
  for (const auto& reference : kReferences)
    if (const auto* ids = merge.moved.find(reference.table))
      for (const auto& id : ids->items()) gone += point(tx, reference, id.text(), merge.into, merge.from) ? 0 : 1;
  return gone;
}

void store_merged_into(db::Tx& tx, const Contact& contact, const std::optional<ContactId>& survivor) {
  if (tx.exec(kStoreMergedInto, {contact.id, contact.version, survivor, tx.now()}) == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed contact {} first.", contact.email),
                  "Read it again, then retry.");
}

void insert_merge(ops::Context& context, const Contact& from, const Contact& into, std::string_view reason,
                  const Json& moved, const Json& filled, const Json& kept) {
  const auto id = context.new_id();
  const auto& actor = context.actor;
  const auto moved_text = to_canonical(moved), filled_text = to_canonical(filled), kept_text = to_canonical(kept);
  context.tx.exec(kInsert,
                  {id, from.id, into.id, reason, moved_text, filled_text, kept_text, context.now(), actor.user_id,
                   actor.id, actor.token_id, context.request.request_id, context.operation.path});
}

void mark_undone(ops::Context& context, const Merge& merge, const std::optional<std::string>& note) {
  context.tx.exec(kMarkUndone, {merge.id, context.now(), context.actor.user_id, context.actor.id, note});
}

}  // namespace steward::contacts
