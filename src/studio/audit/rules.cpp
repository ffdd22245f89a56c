#include "studio/audit/rules.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace steward::audit {
namespace {

Json signed_members(const Checkpoint& checkpoint) {
  return Json{{"chain", checkpoint.chain},
              {"created_at", checkpoint.created_at},
              {"hash", checkpoint.hash},
              {"instance_id", checkpoint.instance_id},
              {"public_key", checkpoint.public_key},
              {"seq", checkpoint.seq}};
}

std::string text_of(const Json& file, std::string_view name) {
  const auto* member = file.find(name);
  return member && member->is_text() ? member->text() : std::string();
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string signed_text(const Checkpoint& checkpoint) { return to_canonical(signed_members(checkpoint)); }

std::string file_text(const Checkpoint& checkpoint) {
  return to_canonical(signed_members(checkpoint).set("signature", checkpoint.signature)) + "\n";
}

std::optional<Checkpoint> read_checkpoint(std::string_view text) {
  Json file;
  try {
    file = parse_json(text);
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto* seq = file.find("seq");
  Checkpoint out{text_of(file, "chain"),      seq && seq->is_integer() ? seq->integer() : 0,
                 text_of(file, "hash"),       text_of(file, "instance_id"),
                 text_of(file, "created_at"), text_of(file, "public_key"),
                 text_of(file, "signature")};
  const bool whole = !out.chain.empty() && out.seq >= 0 && seq && is_hex(out.hash, 64) && is_hex(out.public_key, 64) &&
                     is_hex(out.signature, 128);
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

Target parse_target(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  const bool type = std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return type ? Target{std::string(text), {}} : Target{{}, std::string(text)};
}

}  // namespace steward::audit
