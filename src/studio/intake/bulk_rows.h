#pragma once
#include <span>

#include "ops/import.h"
#include "studio/intake/rows.h"

namespace steward::intake {

/// An inquiry that comes in a file.
struct Inquiry : Submission {
  std::string hash;  ///< goals_hash()
};
using InquiryLine = ops::ImportLine<Inquiry>;

/// Marks the lines that say what an inquiry since `since` said, or that were submitted exactly so before, as unchanged:
/// same_request() and same_row() for all of them.
void mark_known(db::Tx& tx, std::span<InquiryLine> lines, Instant since);

/// Inserts those that are created, as insert_intake() does.
void insert_inquiries(ops::Context& context, std::span<const InquiryLine> lines);

}  // namespace steward::intake
