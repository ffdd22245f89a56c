#include "ops/approval.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "ops/encoding.h"
#include "ops/idempotency.h"

namespace steward::ops {
namespace {

constexpr Duration kWaits{24LL * 3600 * 1000};

constexpr auto kFindWaiting = R"sql(
  SELECT id FROM action_proposals
   WHERE status = 'PENDING' AND expires_at > $1 AND proposed_by = $2 AND operation = $3 AND payload_hash = $4
     AND state_hash = $5
)sql";
constexpr auto kFile = R"sql(
  INSERT INTO action_proposals (id, operation, subject, payload, payload_hash, risk_level, reason, status, proposed_by_type, proposed_by,
                                proposed_token_id, proposed_by_user_id, proposed_at, expires_at, request_id,
                                rehearsal, state_hash)
  VALUES ($1, $2, $3, $4, $5, 'HIGH', $6, 'PENDING', $7, $8, $9, $10, $11, $12, $13, $14, $15)
)sql";

std::optional<std::string> subject_of(const Operation& operation, const RawArgs& raw) {
  for (const auto& param : operation.params)
    if (const auto at = raw.find(param.name); param.positional && at != raw.end() && !at->second.empty())
      return at->second.front();
  return std::nullopt;
}

// A row of the target that the call itself adds has an id of the moment.
bool is_new(const Change& change, const std::vector<db::RowChange>& rows) {
  return std::ranges::any_of(rows, [&](const db::RowChange& row) {
    const auto* id = row.op == "insert" && row.key.is_object() ? row.key.find("id") : nullptr;
    return id && id->is_text() && id->text() == change.target_id;
  });
}

// Whoever approves stands in another folder.
RawArgs with_whole_paths(const Operation& operation, RawArgs raw) {
  for (auto& [name, texts] : raw)
    if (const auto* param = operation.find(name); param && param->type.file != TypeInfo::File::none)
      for (auto& text : texts)
        if (text != "-") text = std::filesystem::absolute(text).lexically_normal().string();
  return raw;
}

}  // namespace

std::string state_hash(const Change& change, const std::vector<db::RowChange>& rows) {
  std::vector<std::string> records;
  for (const auto& row : rows)
    if (const auto* version = row.before.is_object() ? row.before.find("version") : nullptr)
      records.push_back(to_canonical(Json{{"table", row.table}, {"key", row.key}, {"version", *version}}));
  std::ranges::sort(records);  // engines tell them in orders of their own
  return blake2b_hex(to_canonical(Json{{"target_type", change.target_type},
                                       {"target_id", is_new(change, rows) ? Json() : Json(change.target_id)},
                                       {"records", Json(Json::Array(records.begin(), records.end()))}}));
}

bool may_be_filed(const Operation& operation, const Actor& actor) {
  if (operation.second_person || operation.most_gravity == Gravity::second_person) return true;
  return !actor.is_person() && (operation.risk == Risk::high || operation.most_gravity > Gravity::declared);
}

Filed file_approval(db::Tx& tx, const Actor& actor, const Operation& operation, const RawArgs& asked,
                    ApprovalReason reason, const Rehearsal& rehearsal, std::string_view request_id) {
  const auto raw = with_whole_paths(operation, asked);
  const auto payload = to_canonical(json_of(operation, raw));
  const auto hash = request_hash(operation, raw);
  if (auto waiting = tx.text(kFindWaiting, {tx.now(), actor.id, operation.path, hash, rehearsal.state_hash}))
    return {std::move(*waiting), false};
  const auto id = new_uuid(tx.now().ms);
  tx.exec(kFile, {id, operation.path, subject_of(operation, raw), payload, hash,
                  reason == ApprovalReason::agent ? "agent" : "two_person", actor.type, actor.id, actor.token_id,
                  actor.user_id, tx.now(), tx.now() + kWaits, request_id, rehearsal.sentence, rehearsal.state_hash});
  return {id, true};
}

void refuse_until_approved(const Operation& operation, const std::string& approval_id, ApprovalReason reason) {
  throw Error{ErrorKind::precondition, "approval_required",
              reason == ApprovalReason::agent
                  ? fmt::format("An agent or a job may only propose {}; a person must approve it.", operation.words())
                  : fmt::format("A second person must approve {}.", operation.words()),
              fmt::format("Another person runs: steward approvals approve {}", approval_id)}
      .with(Json{{"approval_id", approval_id}});
}

}  // namespace steward::ops
