#pragma once
#include <vector>

#include "core/json.h"
#include "db/connection.h"
#include "ops/change.h"
#include "ops/operation.h"

namespace steward::ops {

/// What a dry run answers: `changes` row by row (an import's counted by table), the `effects` that would leave the
/// machine, and what the command would answer. Secrets, and what is nobody's business, are masked.
/// Source: docs/contract.md, 6.
Json foretold(const Operation& operation, Change change, const std::vector<db::RowChange>& rows,
              const std::vector<db::ChangeCount>& counts = {});

/// Nobody reads the ten thousand rows of an import, and nobody holds a million of them.
bool is_only_counted(const Operation& operation);

}  // namespace steward::ops
