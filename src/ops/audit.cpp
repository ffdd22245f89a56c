#include "ops/audit.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cstring>

#include "core/error.h"
#include "core/moment.h"
#include "ops/encoding.h"

namespace steward::ops {
namespace {

constexpr auto kHead = "SELECT seq, hash FROM audit_heads WHERE chain = $1";
constexpr auto kLatest = R"sql(
  SELECT l.created_at FROM audit_heads h JOIN audit_log l ON l.chain = h.chain AND l.seq = h.seq WHERE h.chain = $1
)sql";
constexpr Duration kLag{10LL * 60 * 1000};
constexpr auto kMoveHead = R"sql(
  INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, $2, $3)
  ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
)sql";
constexpr auto kAppend = R"sql(
  INSERT INTO audit_log (id, chain, seq, actor_type, actor_id, token_id, action, target_type, target_id, request_id, metadata,
                         created_at, prev_hash, hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
)sql";
constexpr auto kWalk = R"sql(
  SELECT id, seq, actor_type, actor_id, token_id, action, target_type, target_id, request_id, metadata, created_at, prev_hash, hash
    FROM audit_log WHERE chain = $1 ORDER BY seq
)sql";

void member(std::string& out, std::string_view name_and_colon, std::string_view value) {
  out += name_and_colon;
  append_json_string(out, value);
}
void member(std::string& out, std::string_view name_and_colon, const std::optional<std::string_view>& value) {
  if (value) return member(out, name_and_colon, *value);
  out += name_and_colon;
  out += "null";
}

std::optional<std::string_view> maybe(const db::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.text(column);
}

AuditRow row_of(const db::Row& row, std::string_view chain) {
  return {row.text(0), chain,       row.integer(1), row.text(2), maybe(row, 3), maybe(row, 4),
          row.text(5), row.text(6), row.text(7),    row.text(8), row.text(9),   row.text(10)};
}

constexpr std::size_t kHashBytes = 32;
static_assert(kHashBytes == crypto_generichash_BYTES);

// One link of the chain: the bytes of the previous hash with the canonical text behind them, hashed in one call.
// Writing and verifying a million rows alike go through it, so it allocates nothing once it is warm.
class Link {
 public:
  /// Starts from a hash in hex; false when it is none.
  bool start(std::string_view previous_hex) {
    std::size_t size = 0;
    bytes_.resize(kHashBytes);
    hex_ = previous_hex;
    return previous_hex.size() == 2 * kHashBytes &&
           sodium_hex2bin(data(), kHashBytes, previous_hex.data(), previous_hex.size(), nullptr, &size, nullptr) == 0 &&
           size == kHashBytes;
  }
  /// Where the canonical text of the next row is appended.
  std::string& text() {
    bytes_.resize(kHashBytes);
    return bytes_;
  }
  /// Hashes what text() was given; from here on that hash is the previous one.
  const std::string& close() {
    unsigned char hash[kHashBytes];
    crypto_generichash(hash, sizeof hash, data(), bytes_.size(), nullptr, 0);
    std::memcpy(bytes_.data(), hash, sizeof hash);
    constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < kHashBytes; ++i) {
      hex_[2 * i] = kDigits[hash[i] >> 4];
      hex_[2 * i + 1] = kDigits[hash[i] & 15];
    }
    return hex_;
  }
  const std::string& hex() const { return hex_; }

 private:
  unsigned char* data() { return reinterpret_cast<unsigned char*>(bytes_.data()); }

  std::string bytes_, hex_;
};

}  // namespace

void append_audit_canonical(std::string& out, const AuditRow& row) {
  member(out, R"({"action":)", row.action);
  member(out, R"(,"actor_id":)", row.actor_id);
  member(out, R"(,"actor_type":)", row.actor_type);
  member(out, R"(,"chain":)", row.chain);
  member(out, R"(,"created_at":)", row.created_at);
  member(out, R"(,"id":)", row.id);
  out += R"(,"metadata":)";
  out += row.metadata;
  member(out, R"(,"request_id":)", row.request_id);
  out += R"(,"seq":)";
  fmt::format_to(std::back_inserter(out), "{}", row.seq);
  member(out, R"(,"target_id":)", row.target_id);
  member(out, R"(,"target_type":)", row.target_type);
  member(out, R"(,"token_id":)", row.token_id);
  out += '}';
}

std::string audit_hash(std::string_view previous_hex, std::string_view canonical) {
  Link link;
  if (!link.start(previous_hex))
    throw Error{ErrorKind::precondition, "check_failed", "The head of the audit chain is damaged.",
                "Run steward audit verify."};
  link.text() += canonical;
  return link.close();
}

void append_audit(db::Tx& tx, const Actor& actor, std::string_view action, std::string_view target_type,
                  std::string_view target_id, std::string_view request_id, const Json& metadata,
                  std::string_view chain) {
  std::int64_t seq = 1;
  std::string previous(kGenesis);
  tx.each(kHead, {chain}, [&](const db::Row& row) {
    seq = row.integer(0) + 1;
    previous = row.str(1);
  });
  const auto id = new_uuid(tx.now().ms);
  const auto stamp = to_text(tx.now());
  const auto text = to_canonical(metadata);
  const std::optional<std::string_view> actor_id =
      actor.id.empty() ? std::nullopt : std::optional<std::string_view>(actor.id);
  std::string canonical;
  append_audit_canonical(canonical, {id, chain, seq, to_text(actor.type), actor_id, actor.token_id, action, target_type,
                                     target_id, request_id, text, stamp});
  const auto hash = audit_hash(previous, canonical);
  tx.post(kAppend, {id, chain, seq, actor.type, actor_id, actor.token_id, action, target_type, target_id, request_id,
                    text, tx.now(), previous, hash});
  tx.post(kMoveHead, {chain, seq, hash});
}

void require_clock(db::Tx& tx, std::string_view chain) {
  const auto latest = tx.first(kLatest, {chain}, [](const db::Row& row) { return row.instant(0); });
  if (!latest || tx.now() >= *latest - kLag) return;
  throw Error{ErrorKind::precondition, "clock_behind",
              fmt::format("This machine's clock says {}, but the last change in the database was made at {}.",
                          moment_text(tx.now()), moment_text(*latest)),
              "Set the clock right; nothing was changed."};
}

AuditVerdict verify_audit(db::Tx& tx, std::string_view chain,
                          const std::function<void(std::int64_t, std::string_view)>& at) {
  AuditVerdict out{"intact", 0, 0, {}, std::string(kGenesis)};
  Link link;
  link.start(kGenesis);
  const auto broken = [&](std::int64_t seq, std::string reason) {
    out.verdict = "tampered";
    out.first_bad = seq;
    out.reason = std::move(reason);
    return false;
  };
  const db::Value args[] = {chain};
  tx.connection().each(kWalk, args, [&](const db::Row& row) {
    const auto seq = row.integer(1);
    if (seq != out.entries + 1) return broken(out.entries + 1, "A row is missing.");
    if (row.text(11) != link.hex()) return broken(seq, "It does not follow from the row before it.");
    append_audit_canonical(link.text(), row_of(row, chain));
    if (row.text(12) != link.close()) return broken(seq, "Its content is not what was recorded.");
    ++out.entries;
    if (at) at(seq, row.text(12));
    return true;
  });
  if (out.verdict != "intact") return out;
  out.head = link.hex();
  const auto head = tx.first(kHead, {chain}, [](const db::Row& row) { return std::pair(row.integer(0), row.str(1)); });
  if (head && (head->first != out.entries || head->second != out.head))
    broken(out.entries + 1, "Rows at the end are missing: the chain's head lies further on.");
  else if (!head && out.entries > 0)
    broken(out.entries, "The chain has no head.");
  return out;
}

}  // namespace steward::ops
