#include "studio/intake/bulk_rows.h"

#include "db/lookup.h"
#include "db/transfer.h"
#include "studio/contacts/contacts.h"

namespace steward::intake {
namespace {

constexpr auto kSameGoals = R"sql(
  SELECT i.created_at, i.audience, i.contact_name, i.goals, i.organization_name, i.timeline, i.constraints,
         i.offer_slug, i.referral_code
    FROM intake_requests i WHERE i.contact_email = $1 AND i.goals_hash = $2
)sql";

bool is_same(const db::Row& row, const Inquiry& s) {
  const auto same = [&](int column, const std::optional<std::string>& value) {
    return value ? !row.is_null(column) && row.text(column) == *value : row.is_null(column);
  };
  return row.choice<Audience>(1) == s.audience && row.text(2) == s.contact_name && row.text(3) == s.goals &&
         same(4, s.organization_name) && same(5, s.timeline) && same(6, s.constraints) && same(7, s.offer_slug) &&
         same(8, s.referral_code);
}

}  // namespace

void mark_known(db::Tx& tx, std::span<InquiryLine> lines, Instant since) {
  db::Questions questions(2);
  for (const auto& line : lines) questions.add({line.record.contact_email, line.record.hash});
  db::ask_each(tx.connection(), kSameGoals, questions, [&](std::size_t asked, const db::Row& row) {
    auto& line = lines[asked];
    if (row.instant(0) > since || is_same(row, line.record)) line.fate = ops::Fate::unchanged;
  });
}

void insert_inquiries(ops::Context& context, std::span<const InquiryLine> lines) {
  std::vector<const Inquiry*> fresh;
  std::vector<contacts::Person> inquirers;
  for (const auto& line : lines) {
    if (!line.is_kept()) continue;
    fresh.push_back(&line.record);
    inquirers.push_back({line.record.contact_email, line.record.contact_name});
  }
  if (fresh.empty()) return;
  const auto contacts = contacts::upsert_all(context, contacts::Source::form, inquirers);
  std::vector<std::string> ids;
  const auto rows =
      db::bulk_insert(context.tx.connection(), "intake_requests",
                      {"id", "audience", "contact_name", "contact_email", "organization_name", "goals", "goals_hash",
                       "timeline", "constraints", "status", "priority", "offer_slug", "referral_code",
                       "attribution_error", "version", "created_at", "updated_at", "contact_id"});
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto& s = *fresh[i];
    ids.push_back(context.new_id());
    rows->add({ids.back(), s.audience, s.contact_name, s.contact_email, s.organization_name, s.goals, s.hash,
               s.timeline, s.constraints, Status::new_, s.priority, s.offer_slug, s.referral_code,
               s.referral_code ? std::optional(kUnknownCode) : std::nullopt, 1, context.now(), context.now(),
               contacts[i]});
  }
  rows->finish();
  ops::HistoryRows history(context, kHistory);
  for (const auto& id : ids) history.add(id, to_text(Status::new_));
  history.finish();
}

}  // namespace steward::intake
