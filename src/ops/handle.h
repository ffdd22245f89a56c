#pragma once
#include <string>
#include <string_view>

#include "core/id.h"
#include "db/tx.h"

namespace steward::ops {

/// How the records of one table are named by people: what Ref arguments, their look-up and completion share.
struct HandleSpec {
  enum class Spelling { exact, lower, upper };
  std::string_view noun;         ///< "invoice"
  std::string_view table;        ///< "invoices"
  std::string_view column = {};  ///< the handle a person would type: "number", "slug", "email"; empty: ids only
  Spelling spelling = Spelling::exact;
  std::string_view label = {};  ///< a column that helps to tell candidates and completions apart
};

/// A record as named on the command line: its handle, its id, or a unique tail of six or more hex digits of its id.
template <class Tag>
struct Ref {
  std::string text;
};

/// The id of the record so named.
/// Errors: not_found "not_found"; usage "ambiguous_handle" for a tail that several ids share, with the candidates in
///         details.candidates.
std::string resolve_handle(db::Tx& tx, const HandleSpec& spec, std::string_view text, std::string_view field);

template <class Tag>
Id<Tag> resolve(db::Tx& tx, const Ref<Tag>& ref, std::string_view field = Tag::spec.noun) {
  return {resolve_handle(tx, Tag::spec, ref.text, field)};
}

/// What completes `prefix`: handles (or the ids of records that have none), each with its label, at most 50.
std::vector<std::pair<std::string, std::string>> complete_handle(db::Tx& tx, const HandleSpec& spec,
                                                                 std::string_view prefix);

}  // namespace steward::ops
