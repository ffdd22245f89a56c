#include "studio/audit/verify.h"

#include <fmt/format.h>

#include "ops/audit.h"
#include "studio/audit/rows.h"

namespace steward::audit {
namespace {

constexpr std::int64_t kStride = 100'000;  // rows between two lines of progress

std::function<void(std::int64_t, std::string_view)> progress_of(const ops::House& house) {
  if (!house.progress) return {};
  return [&house](std::int64_t seq, std::string_view) {
    if (seq % kStride == 0) house.progress(fmt::format("Checked {} rows", seq));
  };
}

void spoil(Report& report, std::string verdict, std::int64_t first_bad, std::string reason) {
  report.verdict = std::move(verdict);
  report.first_bad = first_bad;
  report.reason = std::move(reason);
}

}  // namespace

Json Report::json() const {
  Json out{{"verdict", verdict},
           {"entries", entries},
           {"first_bad", first_bad == 0 ? Json() : Json(first_bad)},
           {"chain", chain},
           {"reason", reason.empty() ? Json() : Json(reason)},
           {"head", head}};
  if (!checkpoint.is_null()) out.set("checkpoint", checkpoint);
  return out;
}

Report verify_chains(ops::Context& context) {
  Report out;
  out.chain = ops::kStudioChain;
  const auto progress = progress_of(context.house);
  for (const auto& chain : chains(context.tx)) {
    const auto verdict = ops::verify_audit(context.tx, chain, progress);
    out.entries += verdict.entries;
    if (chain == ops::kStudioChain) out.head = verdict.head;
    if (verdict.verdict == "intact") continue;
    out.chain = chain;
    out.head = verdict.head;
    spoil(out, verdict.verdict, verdict.first_bad, verdict.reason);
    break;
  }
  return out;
}

void hold_against(ops::Context& context, const Checkpoint& checkpoint, Report& report) {
  report.checkpoint = Json{{"chain", checkpoint.chain},
                           {"seq", checkpoint.seq},
                           {"created_at", checkpoint.created_at},
                           {"public_key", checkpoint.public_key}};
  if (report.verdict != "intact") return;
  if (checkpoint.instance_id != instance_id(context.tx))
    return spoil(report, "unverifiable", 0, "The checkpoint is of another database.");
  if (!knows_key(context.tx, checkpoint.public_key))
    return spoil(report, "unverifiable", 0, "The checkpoint is signed with a key that this database never had.");
  if (!ops::Vault::verify(signed_text(checkpoint), checkpoint.signature, checkpoint.public_key))
    return spoil(report, "tampered", 0, "The checkpoint's signature does not hold: the file was altered.");
  report.chain = checkpoint.chain;
  const auto hash = hash_at(context.tx, checkpoint.chain, checkpoint.seq);
  if (!hash)
    return spoil(report, "tampered", head_of(context.tx, checkpoint.chain).seq + 1,
                 "Rows that the checkpoint saw are missing.");
  if (*hash != checkpoint.hash)
    spoil(report, "tampered", checkpoint.seq, "The row is not the one that the checkpoint signed.");
}

}  // namespace steward::audit
