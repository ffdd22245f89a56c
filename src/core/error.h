#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/secrets.h"

namespace steward {

/// Why a request failed, seen from the caller's chair. The value is the exit code
/// (docs/contract.md, 4).
enum class ErrorKind : int {
  defect = 1,        ///< a bug in steward
  usage = 2,         ///< the words typed do not make a request
  permission = 3,    ///< no token, an expired one, or one without the scope
  not_found = 4,     ///< the named thing does not exist
  conflict = 5,      ///< a duplicate, an illegal transition, someone was faster
  precondition = 6,  ///< pending migrations, approval needed, a limit reached
  temporary = 7,     ///< busy database, full disk, server away: try again
};

/// The one exception steward throws. what() is a sentence for people; code()
/// ("invalid_transition") is for scripts, is listed in core/error_codes.h, and
/// never changes once released.
class Error : public std::runtime_error {
 public:
  /// The secret of a token that a caller typed is left out of what is said.
  Error(ErrorKind kind, std::string code, const std::string& sentence, const std::string& hint = {})
      : std::runtime_error(without_token_secrets(sentence)),
        kind_(kind),
        code_(std::move(code)),
        hint_(without_token_secrets(hint)) {}

  ErrorKind kind() const { return kind_; }
  int exit_code() const { return static_cast<int>(kind_); }
  const std::string& code() const { return code_; }
  const std::string& hint() const { return hint_; }    ///< what to do next; may be empty
  const std::string& field() const { return field_; }  ///< the argument at fault; may be empty
  const Json& details() const { return details_; }     ///< an object, or null
  bool retryable() const { return kind_ == ErrorKind::temporary; }

  /// Chained at the throw: `throw Error{…}.at("amount").with({{"from", "PAID"}})`.
  Error& at(std::string_view field) &;
  Error&& at(std::string_view field) &&;
  Error&& with(Json details) &&;
  /// The same error with another sentence (a file's line number put before it, say).
  Error reworded(const std::string& sentence) const;

 private:
  ErrorKind kind_;
  std::string code_, hint_, field_;
  Json details_;
};

/// Shorthands for the commonest kinds; all throw Error.
[[noreturn]] void refuse_usage(std::string_view code, const std::string& sentence, std::string_view field = {},
                               std::string_view hint = {});
[[noreturn]] void refuse_conflict(std::string_view code, const std::string& sentence, std::string_view hint = {});
[[noreturn]] void refuse_precondition(std::string_view code, const std::string& sentence, std::string_view hint = {});

}  // namespace steward
