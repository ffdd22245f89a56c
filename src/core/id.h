#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace steward {

/// A row's key. The tag makes every table's id its own type: passing a ProposalId
/// where an InvoiceId belongs does not compile.
template <class Tag>
struct Id {
  std::string text;  ///< UUIDv7, canonical: 36 characters, lower case
  auto operator<=>(const Id&) const = default;
};

/// A new UUIDv7 (RFC 9562, 5.7) for that millisecond of Unix time. Two ids made by one
/// process within a millisecond still sort in the order in which they were made
/// (12 bits of sub-millisecond counter, then 62 random bits).
std::string new_uuid(std::int64_t unix_ms);

/// From here on, ids of this process take their random bits from `seed` instead: the same seed and the same order of
/// calls give the same tails. Empty: random again. For the example season only.
void use_repeatable_ids(std::string_view seed);

/// The same for a clock that stands still (STEWARD_NOW): within that millisecond, ids sort in the order in which they
/// were made by whatever processes, by the machine's own clock behind it (26 bits of milliseconds: order holds for 18
/// hours).
std::string new_uuid_of_fixed_clock(std::int64_t unix_ms);

/// True for 36 characters of lower-case canonical UUID text (any version).
bool is_uuid(std::string_view text);

/// The last eight digits of an id: how a record without a number is named in a sentence, and enough to name it back.
std::string_view short_id(std::string_view id);

}  // namespace steward
