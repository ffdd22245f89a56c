#include "studio/approvals/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::approvals {
namespace {

constexpr auto kFind = R"sql(
  SELECT id, operation, payload, payload_hash, state_hash, status, proposed_by, proposed_by_user_id, proposed_token_id, expires_at
    FROM action_proposals WHERE id = $1
)sql";
constexpr auto kDecide = R"sql(
  UPDATE action_proposals
     SET status = $3, reviewed_by = $4, reviewed_actor = $5, reviewed_at = $6, rationale = $7, result = $8, version = version + 1
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kExpireDue = R"sql(
  UPDATE action_proposals SET status = 'EXPIRED', version = version + 1 WHERE status = 'PENDING' AND expires_at <= $1
)sql";
constexpr auto kCancelOfToken = R"sql(
  UPDATE action_proposals SET status = 'CANCELLED', version = version + 1
   WHERE proposed_token_id = $1 AND status = 'PENDING'
)sql";
constexpr auto kCancelOfUser = R"sql(
  UPDATE action_proposals SET status = 'CANCELLED', version = version + 1
   WHERE proposed_by_user_id = $1 AND status = 'PENDING'
)sql";
constexpr auto kTokenMaker = "SELECT created_by FROM service_tokens WHERE id = $1";

constexpr std::string_view kStatus =
    "CASE WHEN p.status = 'PENDING' AND p.expires_at <= {now} THEN 'EXPIRED' ELSE p.status END";

using ops::Kind;
using ops::Shown;
constexpr ops::Column kColumns[] = {
    {"id", "p.id"},
    {"operation", "p.operation"},
    {"subject", "p.subject"},
    {"status", kStatus},
    {"reason", "p.reason", Kind::text, Shown::always, "agent: an agent proposed it; two_person: it takes two people"},
    {"risk_level", "p.risk_level", Kind::text, Shown::record},
    {"rehearsal", "p.rehearsal", Kind::text, Shown::record, "What it would do, as it was rehearsed when it was filed"},
    {"payload", "p.payload", Kind::json, Shown::record, "The call's arguments"},
    {"payload_hash", "p.payload_hash", Kind::text, Shown::record, "Of the call; files count by their content"},
    {"state_hash", "p.state_hash", Kind::text, Shown::record,
     "Of the records it is about, as they stood then: once one of them changes, it is not carried out any more"},
    {"proposed_by_type", "p.proposed_by_type", Kind::text, Shown::record},
    {"proposed_by", "p.proposed_by", Kind::text, Shown::record},
    {"proposed_by_email", "u.email"},
    {"proposed_token_id", "p.proposed_token_id", Kind::text, Shown::record},
    {"proposed_token_name", "t.name"},
    {"proposed_at", "p.proposed_at", Kind::instant},
    {"expires_at", "p.expires_at", Kind::instant},
    {"reviewed_by", "p.reviewed_by", Kind::text, Shown::record},
    {"reviewed_by_email", "r.email", Kind::text, Shown::record},
    {"reviewed_actor", "p.reviewed_actor", Kind::text, Shown::record},
    {"reviewed_at", "p.reviewed_at", Kind::instant, Shown::record},
    {"rationale", "p.rationale", Kind::text, Shown::record},
    {"result", "p.result", Kind::json, Shown::record},
    {"request_id", "p.request_id", Kind::text, Shown::record},
    {"version", "p.version", Kind::integer, Shown::record},
};
constexpr auto kFrom = R"sql(action_proposals p LEFT JOIN users u ON u.id = p.proposed_by_user_id
  LEFT JOIN users r ON r.id = p.reviewed_by LEFT JOIN service_tokens t ON t.id = p.proposed_token_id)sql";

}  // namespace

std::string Request::label() const {
  auto words = operation;
  std::ranges::replace(words, '.', ' ');
  return fmt::format("The request {} ({})", words, id.text.substr(id.text.size() - 6));
}

std::span<const ops::Column> columns() { return kColumns; }

ops::Listing list_requests(Instant now) { return ops::Listing(kColumns, kFrom).set("now", now).key("p.id"); }

void filter_status(ops::Listing& listing, Status status) {
  listing.where(fmt::format("({}) = {{}}", kStatus), {status});
}

Json record_of(db::Tx& tx, const ApprovalId& id) { return list_requests(tx.now()).where("p.id = {}", {id}).record(tx); }

Request find_request(db::Tx& tx, const ApprovalId& id) {
  auto found = tx.first(kFind, {id}, [](const db::Row& row) {
    return Request{{row.str(0)},
                   row.str(1),
                   row.str(2),
                   row.str(3),
                   row.str(4),
                   row.choice<Status>(5),
                   {row.str(6), row.maybe_text(7)},
                   row.maybe_text(8),
                   row.instant(9)};
  });
  if (!found) throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no approval {}.", id.text)};
  return std::move(*found);
}

std::string token_maker(db::Tx& tx, const std::optional<std::string>& token_id) {
  return token_id ? tx.text(kTokenMaker, {*token_id}).value_or("") : std::string();
}

void decide(ops::Context& context, const Request& request, const Decision& decision) {
  const auto moved = context.tx.exec(kDecide, {request.id, request.status, decision.to, context.actor.user_id,
                                               context.actor.id, context.now(), decision.note, decision.result});
  if (moved == 0)
    throw Error{ErrorKind::conflict, "stale_version",
                fmt::format("{} was decided by somebody else first.", request.label()),
                fmt::format("steward approvals show {}", request.id.text)};
}

std::int64_t expire_due(db::Tx& tx) { return tx.exec(kExpireDue, {tx.now()}); }

std::int64_t cancel_of_token(db::Tx& tx, std::string_view token_id) { return tx.exec(kCancelOfToken, {token_id}); }

std::int64_t cancel_of_user(db::Tx& tx, std::string_view user_id) { return tx.exec(kCancelOfUser, {user_id}); }

}  // namespace steward::approvals
