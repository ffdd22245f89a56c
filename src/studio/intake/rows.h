#pragma once
#include <span>

#include "ops/history.h"
#include "studio/intake/intake.h"

namespace steward::intake {

extern const std::span<const ops::Column> kIntakeColumns;
inline constexpr ops::HistorySpec kHistory{"intake_status_history", "intake_request_id"};

/// Every intake, one row each, newest first.
ops::Listing intake_listing();
Json intake_record(db::Tx& tx, const IntakeId& id);
/// Oldest first.
Json notes_of(db::Tx& tx, const IntakeId& id);
/// The deal made of it, {id, status}; null when there is none.
Json deal_of(db::Tx& tx, const IntakeId& id);

/// Whose it is, {id, email, full_name, status}; null for one from before there were contacts.
Json contact_of(db::Tx& tx, const IntakeId& id);

/// BLAKE2b-256 of goals_for_comparison(), hex.
std::string goals_hash(const Submission& submission);
/// The first intake since `since` with the same address and goals.
std::optional<IntakeId> same_request(db::Tx& tx, const Submission& submission, std::string_view hash, Instant since);
/// The first intake ever that was submitted with exactly these values.
std::optional<IntakeId> same_row(db::Tx& tx, const Submission& submission, std::string_view hash);
/// How many intakes this address made since then.
std::int64_t made_since(db::Tx& tx, std::string_view email, Instant since);

/// Inserts it as NEW with the first row of its history, and with the contact that it is from, who is made when there
/// is none (IK-4).
IntakeId insert_intake(ops::Context& context, const Submission& submission, std::string_view hash);
/// What an operator decides about an intake.
struct Handling {
  Status status;
  std::optional<std::string> owner_user_id;
  std::int64_t priority;
  std::optional<std::string> offer_slug;
  bool operator==(const Handling&) const = default;
};
/// Errors: conflict "stale_version" when the intake is no longer as it was read.
void store_handling(db::Tx& tx, const Intake& intake, const Handling& handling);
void insert_note(ops::Context& context, const IntakeId& id, std::string_view note);

}  // namespace steward::intake
