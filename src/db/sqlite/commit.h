#pragma once

struct sqlite3;

namespace steward::db::sqlite {

/// After a commit to a write-ahead log has failed on `handle`: makes sure that it stays failed. A commit whose last
/// frame was written and could not be synced is complete in the log, and whoever next recovers the log would find it.
/// Errors: precondition "outcome_unknown" where even that could not be written.
void keep_commit_failed(sqlite3* handle);

}  // namespace steward::db::sqlite
