#pragma once
#include <optional>
#include <string>

#include "ops/context.h"

namespace steward::ops {

/// A call's input as one hash: the operation and its arguments. A file that is read counts by its content, one that is
/// written by its name; presentation does not count. Errors: precondition "file_unreadable".
std::string request_hash(const Operation& operation, const RawArgs& raw);

/// The idempotency key of one call. The key stands for the whole command: where that names several subjects, all of
/// them are its input, and each subject's answer is kept by itself, so that a repeat does only what failed.
class IdempotencyKey {
 public:
  /// `request` has a key, and outlives this. Errors: usage "text_empty", "text_too_long", "invalid_text".
  explicit IdempotencyKey(const Request& request);

  /// The first answer under this actor's key, with the warning `idempotent_replay`; nullopt when the key is new (or
  /// older than 30 days). Errors: conflict "idempotency_conflict" when the key was used for another input.
  std::optional<Change> recall(db::Tx& tx, const Actor& actor);
  /// Keeps the answer of a success for 30 days, without what is shown once; forgets some of what is older.
  void remember(db::Tx& tx, const Actor& actor, const Change& change);

 private:
  std::optional<std::string> answer_under(db::Tx& tx, const Actor& actor, const std::string& key);
  void keep(db::Tx& tx, const Actor& actor, const std::string& key, const std::string& answer);
  const std::string& input();

  const Request& request_;
  std::string key_, own_key_;
  std::string input_;  ///< hashed once, when it is first needed: nobody is told of a file before they may call
};

}  // namespace steward::ops
