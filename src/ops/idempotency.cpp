#include "ops/idempotency.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "ops/encoding.h"
#include "ops/files.h"
#include "ops/input.h"

namespace steward::ops {
namespace {

constexpr Duration kKept{30LL * 24 * 3600 * 1000};

constexpr auto kRecall =
    "SELECT request_hash, answer FROM idempotency_keys WHERE actor = $1 AND key = $2 AND expires_at > $3";
constexpr auto kRemember = R"sql(
  INSERT INTO idempotency_keys (actor, key, operation, request_hash, answer, request_id, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";
constexpr auto kForgetOld = "DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2";

}  // namespace

void check_key(std::string_view key) { clean_text(key, "idempotency-key", kLongestKey, false); }

std::string request_hash(const Operation& operation, const RawArgs& raw) {
  RawArgs counted = raw;
  for (const auto& param : operation.params)
    // --to names what a command writes: only its name is input.
    if (const auto at = counted.find(param.name); param.type.file && param.name != "to" && at != counted.end())
      for (auto& file : at->second) file = file == "-" || file_exists(file) ? blake2b_hex_of_file(file) : file;
  return blake2b_hex(operation.path + "\n" + to_canonical(json_of(operation, counted)));
}

std::optional<Json> recall(db::Tx& tx, const Actor& actor, const std::string& key, std::string_view hash) {
  return tx.first(kRecall, {actor.id, key, tx.now()}, [&](const db::Row& row) {
    if (row.text(0) != hash)
      throw Error{ErrorKind::conflict, "idempotency_conflict",
                  fmt::format("The idempotency key '{}' was used for another request.", key),
                  "Use a new key for a new request."};
    return parse_json(row.text(1));
  });
}

void remember(db::Tx& tx, const Actor& actor, const Operation& operation, const std::string& key, std::string_view hash,
              const Json& answer, std::string_view request_id) {
  tx.exec(kForgetOld, {actor.id, key});
  const auto text = to_canonical(answer);
  tx.exec(kRemember, {actor.id, key, operation.path, hash, text, request_id, tx.now(), tx.now() + kKept});
}

}  // namespace steward::ops
