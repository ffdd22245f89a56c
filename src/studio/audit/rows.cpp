#include "studio/audit/rows.h"

#include <algorithm>

namespace steward::audit {
namespace {

constexpr auto kHead = "SELECT seq, hash FROM audit_heads WHERE chain = $1";
constexpr auto kHashAt = "SELECT hash FROM audit_log WHERE chain = $1 AND seq = $2";
constexpr auto kHeadChains = "SELECT chain FROM audit_heads";
constexpr auto kNextChain = "SELECT min(chain) FROM audit_log WHERE chain > $1";
constexpr auto kInstance = "SELECT instance_id FROM db_identity";
constexpr auto kKnowsKey = "SELECT 1 FROM audit_keys WHERE public_key = $1";
constexpr auto kRetireOthers = "UPDATE audit_keys SET retired_at = $2 WHERE public_key <> $1 AND retired_at IS NULL";
constexpr auto kRecordKey = "INSERT INTO audit_keys (public_key, created_at) VALUES ($1, $2)";
constexpr auto kWalk = R"sql(
  SELECT id, seq, actor_type, actor_id, token_id, action, target_type, target_id, request_id, metadata, created_at, prev_hash, hash
    FROM audit_log WHERE chain = $1 ORDER BY seq
)sql";

using ops::Kind;
using ops::Shown;
constexpr ops::Column kColumns[] = {
    {"seq", "a.seq", Kind::integer},
    {"created_at", "a.created_at", Kind::instant},
    {"action", "a.action"},
    {"actor_type", "a.actor_type", Kind::text, Shown::record},
    {"actor_id", "a.actor_id", Kind::text, Shown::record},
    {"actor_email", "u.email"},
    {"token_id", "a.token_id", Kind::text, Shown::record},
    {"token_name", "t.name"},
    {"target_type", "a.target_type"},
    {"target_id", "a.target_id"},
    {"request_id", "a.request_id", Kind::text, Shown::record},
    {"metadata", "a.metadata", Kind::json, Shown::record},
    {"id", "a.id", Kind::text, Shown::record},
    {"chain", "a.chain", Kind::text, Shown::record},
    {"prev_hash", "a.prev_hash", Kind::text, Shown::record},
    {"hash", "a.hash", Kind::text, Shown::record},
};
constexpr auto kFrom =
    // An actor is a user, a token or nobody there is a row for, so it is text that is held against ids as text.
    // DISTINCT keeps SQLite from folding the sub-selects into a comparison that no index serves.
    "audit_log a LEFT JOIN (SELECT DISTINCT CAST(id AS text) AS id, email FROM users) u ON u.id = a.actor_id"
    " LEFT JOIN (SELECT DISTINCT CAST(id AS text) AS id, name FROM service_tokens) t ON t.id = a.token_id";

std::optional<std::string_view> maybe(const db::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.text(column);
}

}  // namespace

std::span<const ops::Column> columns() { return kColumns; }

ops::Listing list_rows(std::string_view chain) {
  ops::Listing listing(kColumns, kFrom);
  listing.where("a.chain = {}", {chain}).key("a.seq");
  return listing;
}

std::vector<std::string> chains(db::Tx& tx) {
  auto out = tx.all(kHeadChains, {}, [](const db::Row& row) { return row.str(0); });
  for (auto next = tx.text(kNextChain, {""}); next; next = tx.text(kNextChain, {*next})) out.push_back(*next);
  out.emplace_back(ops::kStudioChain);
  std::ranges::sort(out, {}, [](const std::string& chain) { return std::pair(chain != ops::kStudioChain, chain); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Head head_of(db::Tx& tx, std::string_view chain) {
  return tx.first(kHead, {chain},
                  [](const db::Row& row) {
                    return Head{row.integer(0), row.str(1)};
                  })
      .value_or(Head{0, std::string(ops::kGenesis)});
}

std::optional<std::string> hash_at(db::Tx& tx, std::string_view chain, std::int64_t seq) {
  if (seq == 0) return std::string(ops::kGenesis);
  return tx.text(kHashAt, {chain, seq});
}

std::string instance_id(db::Tx& tx) { return tx.text(kInstance).value_or(""); }

void each_line(db::Tx& tx, std::string_view chain, const std::function<void(std::string_view)>& callback) {
  std::string line;
  tx.each(kWalk, {chain}, [&](const db::Row& row) {
    line.clear();
    ops::append_audit_canonical(line, {row.text(0), chain, row.integer(1), row.text(2), maybe(row, 3), maybe(row, 4),
                                       row.text(5), row.text(6), row.text(7), row.text(8), row.text(9), row.text(10)});
    line.pop_back();
    line.append(R"(,"prev_hash":")").append(row.text(11)).append(R"(","hash":")").append(row.text(12)).append("\"}\n");
    callback(line);
  });
}

bool knows_key(db::Tx& tx, std::string_view public_key) { return tx.exists(kKnowsKey, {public_key}); }

void record_key(db::Tx& tx, std::string_view public_key) {
  tx.exec(kRetireOthers, {public_key, tx.now()});
  tx.exec(kRecordKey, {public_key, tx.now()});
}

}  // namespace steward::audit
