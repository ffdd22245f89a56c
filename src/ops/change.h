#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/money.h"

namespace steward::ops {

struct Warning {
  std::string code, message;
};

/// What a call asks for before it is carried out, where that depends on the call; the declared risk is the least. Each
/// includes those before it.
enum class Gravity {
  declared,
  agents_propose,  ///< a person just does it; an agent's or job's call waits for a person
  high,            ///< as Risk::high: a person confirms too
  second_person,   ///< as Declaration::second_person(): another person approves while controls.two_person is on
};

/// What a write did. Only a handler that returns one can be declared with writes(), so nothing changes without a
/// target, a sentence and, through them, an audit row.
struct Change {
  std::string target_type;  ///< "invoice"
  std::string target_id;
  std::string sentence;            ///< "Issued INV-2026-0007 to a@b.example, due 2026-12-22."
  Json data;                       ///< the record as it is now
  Json metadata = Json::object();  ///< for the audit: what changed; ids, never secrets nor e-mail addresses
  std::string next;                ///< the command to run next; may be empty
  Json once;  ///< members of `data` that are shown this one time and never stored (a token); an object or null
  std::vector<Warning> warnings;
  std::vector<Json> effects;   ///< what would leave the machine (mails, calls)
  Json lines;                  ///< of an import's dry run: what would become of each line; null of everything else
  std::optional<Money> moves;  ///< money moved, for a token's ceiling
  /// At most what the operation was declared with by may_escalate().
  Gravity gravity = Gravity::declared;
  bool changed = true;  ///< false: the state asked for was already held; no audit row

  /// The state asked for was held already: answers the record with the warning `no_change`.
  static Change none(std::string target_type, std::string target_id, std::string sentence, Json data);
};

}  // namespace steward::ops
