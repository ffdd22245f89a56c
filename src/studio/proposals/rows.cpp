#include "studio/proposals/rows.h"

#include <fmt/format.h>

#include "core/error.h"

namespace steward::proposals {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "p.id"},
    {.name = "number", .sql = "p.number"},
    {.name = "title", .sql = "p.title"},
    {.name = "client_email", .sql = "p.client_email"},
    {.name = "amount_cents", .sql = "p.amount_cents", .kind = Kind::money},
    {.name = "net_cents", .sql = "p.amount_cents - p.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "tax_cents", .sql = "p.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "currency", .sql = "p.currency"},
    {.name = "status", .sql = "p.status"},
    {.name = "expires_at", .sql = "p.expires_at", .kind = Kind::instant},
    {.name = "intake_request_id", .sql = "p.intake_request_id", .shown = Shown::record},
    {.name = "offer_slug", .sql = "p.offer_slug", .shown = Shown::record},
    {.name = "revision", .sql = "p.revision", .kind = Kind::integer, .shown = Shown::record},
    {.name = "replaces_id", .sql = "p.replaces_id", .shown = Shown::record},
    {.name = "replaces_number", .sql = "r.number", .shown = Shown::record},
    {.name = "sent_at", .sql = "p.sent_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "decided_at", .sql = "p.decided_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "accepted_by", .sql = "p.accepted_by", .shown = Shown::record, .help = "Who of the client's said yes"},
    {.name = "evidence", .sql = "p.evidence", .shown = Shown::record, .help = "What shows that it was accepted"},
    {.name = "evidence_hash",
     .sql = "p.evidence_hash",
     .shown = Shown::record,
     .help = "BLAKE2b-256 of the file that shows it"},
    {.name = "created_by", .sql = "p.created_by", .shown = Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "version", .sql = "p.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "p.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "p.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr auto kFind = R"sql(
  SELECT id, number, client_email, title, amount_cents, currency, status, intake_request_id, offer_slug, expires_at,
         version, tax_cents, revision, replaces_id
    FROM proposals WHERE id = $1
)sql";
constexpr auto kDueToExpire = R"sql(
  SELECT id, number, client_email, title, amount_cents, currency, status, intake_request_id, offer_slug, expires_at,
         version, tax_cents, revision, replaces_id
    FROM proposals WHERE status = 'SENT' AND expires_at <= $1 ORDER BY expires_at, id
)sql";
constexpr auto kInsert = R"sql(
  INSERT INTO proposals (id, client_email, title, amount_cents, currency, status, intake_request_id, offer_slug,
                         expires_at, created_by, version, created_at, updated_at, tax_cents,
                         revision, replaces_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12, $13, $14)
)sql";
constexpr auto kStore = R"sql(
  UPDATE proposals SET client_email = $3, title = $4, amount_cents = $5, currency = $6, expires_at = $7,
         version = version + 1, updated_at = $8, tax_cents = $9
   WHERE id = $1 AND version = $2
)sql";
constexpr auto kMarkSent = R"sql(
  UPDATE proposals SET status = 'SENT', number = $3, expires_at = $4, sent_at = $5, version = version + 1,
         updated_at = $5
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kMarkAccepted = R"sql(
  UPDATE proposals SET status = 'ACCEPTED', decided_at = $3, accepted_by = $4, evidence = $5, evidence_hash = $6,
         version = version + 1, updated_at = $3
   WHERE id = $1 AND status = $2
)sql";
constexpr auto kMarkDecided = R"sql(
  UPDATE proposals SET status = $3, decided_at = $4, version = version + 1, updated_at = $4
   WHERE id = $1 AND status = $2
)sql";

Proposal proposal_of(const db::Row& row) {
  return {{row.str(0)},
          row.maybe_text(1),
          row.str(2),
          row.str(3),
          {row.integer(4), Currency::parse(row.text(5))},
          row.choice<Status>(6),
          row.maybe_text(7),
          row.maybe_text(8),
          row.maybe_instant(9),
          row.integer(10),
          row.integer(11),
          row.integer(12),
          row.maybe_text(13)};
}

void require_one(std::int64_t rows, const Proposal& proposal) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed proposal {} first.", proposal.handle()),
                  "Read it again, then retry.");
}

}  // namespace

const std::span<const ops::Column> kProposalColumns = kColumns;

ops::Listing proposal_listing() {
  return ops::Listing(
             kColumns,
             "proposals p LEFT JOIN users u ON u.id = p.created_by LEFT JOIN proposals r ON r.id = p.replaces_id")
      .key("p.id");
}

Json proposal_record(db::Tx& tx, const ProposalId& id) {
  return proposal_listing().where("p.id = {}", {id}).record(tx);
}

Proposal find_proposal(db::Tx& tx, const ProposalId& id) {
  if (auto found = tx.first(kFind, {id}, proposal_of)) return *std::move(found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no proposal {}.", id.text)};
}

Proposal find_proposal(db::Tx& tx, const ProposalRef& ref, std::string_view field) {
  return find_proposal(tx, ops::resolve(tx, ref, field));
}

void insert_proposal(ops::Context& context, const Proposal& p, const lines::Breakdown& breakdown) {
  context.tx.exec(kInsert, {p.id, p.client_email, p.title, p.amount.minor, p.amount.currency.code(), p.status,
                            p.intake_request_id, p.offer_slug, p.expires_at, context.actor.user_id, context.now(),
                            p.tax_cents, p.revision, p.replaces_id});
  lines::insert(context.tx, lines::kProposals, p.id.text, breakdown);
  ops::record_history(context, kHistory, p.id.text, {}, to_text(p.status));
}

void store_proposal(db::Tx& tx, const Proposal& p) {
  require_one(tx.exec(kStore, {p.id, p.version, p.client_email, p.title, p.amount.minor, p.amount.currency.code(),
                               p.expires_at, tx.now(), p.tax_cents}),
              p);
}

void mark_sent(ops::Context& context, const Proposal& proposal, std::string_view number, Instant expires_at) {
  require_one(context.tx.exec(kMarkSent, {proposal.id, proposal.status, number, expires_at, context.now()}), proposal);
  ops::record_history(context, kHistory, proposal.id.text, to_text(proposal.status), to_text(Status::sent));
}

void mark_decided(ops::Context& context, const Proposal& proposal, Status to, const std::optional<std::string>& note) {
  require_one(context.tx.exec(kMarkDecided, {proposal.id, proposal.status, to, context.now()}), proposal);
  ops::record_history(context, kHistory, proposal.id.text, to_text(proposal.status), to_text(to), note);
}

void mark_accepted(ops::Context& context, const Proposal& proposal, const Acceptance& how,
                   const std::optional<std::string>& note) {
  require_one(context.tx.exec(kMarkAccepted,
                              {proposal.id, proposal.status, context.now(), how.by, how.evidence, how.evidence_hash}),
              proposal);
  ops::record_history(context, kHistory, proposal.id.text, to_text(proposal.status), to_text(Status::accepted), note);
}

std::vector<Proposal> due_to_expire(db::Tx& tx, Instant now) { return tx.all(kDueToExpire, {now}, proposal_of); }

}  // namespace steward::proposals
