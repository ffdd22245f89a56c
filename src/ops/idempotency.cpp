#include "ops/idempotency.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "ops/encoding.h"
#include "ops/input.h"

namespace steward::ops {
namespace {

constexpr Duration kKept{30LL * 24 * 3600 * 1000};
constexpr std::size_t kLongestKey = 255;

constexpr auto kRecall =
    "SELECT request_hash, answer FROM idempotency_keys WHERE actor = $1 AND key = $2 AND expires_at > $3";
constexpr auto kRemember = R"sql(
  INSERT INTO idempotency_keys (actor, key, operation, request_hash, answer, request_id, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";
constexpr auto kForget = "DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2";
// A few at a time, so that no write pays for all the others.
constexpr auto kForgetOld = R"sql(
  DELETE FROM idempotency_keys WHERE (actor, key) IN
    (SELECT actor, key FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT 50)
)sql";

RawArgs whole_command(const Request& request) {
  auto raw = request.raw;
  if (request.batch) raw[request.operation->subject()->name] = *request.batch->subjects;
  return raw;
}

// No key that a caller may give looks like this: it has no control characters.
std::string key_of_part(const std::string& key, const Request::Batch& batch) {
  return fmt::format("{}\x1f{}", blake2b_hex(key), batch.at);
}

Json stored(const std::vector<Warning>& warnings) {
  Json out = Json::array();
  for (const auto& warning : warnings) out.push(Json{{"code", warning.code}, {"message", warning.message}});
  return out;
}

// The data as text: canonical JSON sorts the members, and a repeat shows them in the order of the first answer.
std::string stored(const Change& change) {
  const bool secret = change.once.is_object() && !change.once.members().empty();
  return to_canonical(Json{{"data", to_text(change.data)},
                           {"sentence", change.sentence},
                           {"next", change.next},
                           {"target_type", change.target_type},
                           {"target_id", change.target_id},
                           {"warnings", stored(change.warnings)},
                           {"showed_secret", secret}});
}

Change change_of(const Json& answer) {
  Change out;
  out.data = parse_json(answer.at("data").text());
  out.sentence = answer.at("sentence").text();
  out.next = answer.at("next").text();
  out.target_type = answer.at("target_type").text();
  out.target_id = answer.at("target_id").text();
  for (const auto& warning : answer.at("warnings").items())
    out.warnings.push_back({warning.at("code").text(), warning.at("message").text()});
  out.warnings.push_back({"idempotent_replay", answer.at("showed_secret").boolean()
                                                   ? "This key was answered before; nothing was done again, and the "
                                                     "secret that was shown then is not shown again."
                                                   : "This key was answered before; nothing was done again."});
  return out;
}

}  // namespace

void check_key(std::string_view key) { clean_text(key, "idempotency-key", kLongestKey, false); }

std::string request_hash(const Operation& operation, const RawArgs& raw) {
  RawArgs counted = raw;
  for (const auto& param : operation.params)
    if (const auto at = counted.find(param.name); param.type.file == TypeInfo::File::read && at != counted.end())
      for (auto& file : at->second) file = blake2b_hex_of_file(file);
  return blake2b_hex(operation.path + "\n" + to_canonical(json_of(operation, counted)));
}

IdempotencyKey::IdempotencyKey(const Request& request)
    : request_(request),
      key_(clean_text(*request.idempotency_key, "idempotency-key", kLongestKey, false)),
      own_key_(request.batch ? key_of_part(key_, *request.batch) : key_) {}

const std::string& IdempotencyKey::input() {
  if (input_.empty()) input_ = request_hash(*request_.operation, whole_command(request_));
  return input_;
}

std::optional<std::string> IdempotencyKey::answer_under(db::Tx& tx, const Actor& actor, const std::string& key) {
  return tx.first(kRecall, {actor.id, key, tx.now()}, [&](const db::Row& row) {
    if (row.text(0) != input())
      throw Error{ErrorKind::conflict, "idempotency_conflict",
                  fmt::format("The idempotency key '{}' was used for another request.", key_),
                  "Use a new key for a new request."};
    return row.str(1);
  });
}

std::optional<Change> IdempotencyKey::recall(db::Tx& tx, const Actor& actor) {
  auto answer = answer_under(tx, actor, key_);
  if (request_.batch) answer = answer_under(tx, actor, own_key_);
  if (!answer) return std::nullopt;
  return change_of(parse_json(*answer));
}

void IdempotencyKey::keep(db::Tx& tx, const Actor& actor, const std::string& key, const std::string& answer) {
  tx.post(kForget, {actor.id, key});
  tx.post(kRemember,
          {actor.id, key, request_.operation->path, input(), answer, request_.request_id, tx.now(), tx.now() + kKept});
}

void IdempotencyKey::remember(db::Tx& tx, const Actor& actor, const Change& change) {
  tx.post(kForgetOld, {tx.now()});
  keep(tx, actor, own_key_, stored(change));
  // The key itself stands for the command and all its subjects.
  if (request_.batch && !answer_under(tx, actor, key_)) keep(tx, actor, key_, "{}");
}

}  // namespace steward::ops
