#include <fmt/format.h>

#include "core/error.h"
#include "core/phrase.h"
#include "ops/declare.h"
#include "ops/deliver.h"
#include "ops/files.h"
#include "studio/audit/audit.h"
#include "studio/audit/rows.h"
#include "studio/audit/verify.h"
#include "studio/identity/identity.h"

namespace steward::audit {
namespace {

struct ListArgs {
  std::optional<ops::Text<254>> actor;
  std::optional<identity::TokenRef> token;
  std::optional<ops::Text<100>> action, target, chain;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

std::string chain_of(const std::optional<ops::Text<100>>& chain) {
  return chain ? chain->value : std::string(ops::kStudioChain);
}

// A person by address, "operator:LOGIN", or any id that stands in the trail, known still or not.
std::string actor_id(ops::Context& context, const std::string& text) {
  if (text.find('@') == std::string::npos) return text;
  const auto user = identity::find_user_by_email(context.tx, text);
  if (!user)
    throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no user {}.", in_quotes(text))}.at("actor");
  return user->id.text;
}

void filter_action(ops::Listing& listing, const std::string& action) {
  // "invoices" is every action of that group.
  const auto prefix = action + ".";
  listing.where("(a.action = {} OR substr(a.action, 1, CAST({} AS integer)) = {})",
                {action, static_cast<std::int64_t>(prefix.size()), prefix});
}

void filter_target(ops::Context& context, ops::Listing& listing, const std::string& text) {
  const auto target =
      text.find('@') != std::string::npos ? Target{"user", actor_id(context, text)} : parse_target(text);
  if (!target.type.empty()) listing.where("a.target_type = {}", {target.type});
  if (!target.id.empty()) listing.where("a.target_id = {}", {target.id});
}

ops::Listing list(ops::Context& context, const ListArgs& args) {
  auto listing = list_rows(chain_of(args.chain));
  if (args.actor) listing.where("a.actor_id = {}", {actor_id(context, args.actor->value)});
  if (args.token) listing.where("a.token_id = {}", {identity::resolve_token(context.tx, *args.token)});
  if (args.action) filter_action(listing, args.action->value);
  if (args.target) filter_target(context, listing, args.target->value);
  if (args.since) listing.where("a.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("a.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"a.action", "a.target_type", "a.target_id", "a.request_id"});
  return listing;
}

struct ShowArgs {
  ops::Whole<1, 9'007'199'254'740'991> seq;
  std::optional<ops::Text<100>> chain;
};

Json show(ops::Context& context, const ShowArgs& args) {
  auto row = list_rows(chain_of(args.chain)).where("a.seq = {}", {args.seq.value}).record(context.tx);
  if (!row.is_null()) return row;
  throw Error{ErrorKind::not_found, "not_found", fmt::format("The audit trail has no row {}.", args.seq.value),
              "steward audit list shows the last ones."}
      .at("seq");
}

struct VerifyArgs {
  std::optional<ops::FilePath> checkpoint;
};

Json verify(ops::Context& context, const VerifyArgs& args) {
  auto report = verify_chains(context);
  if (args.checkpoint) {
    if (const auto checkpoint = read_checkpoint(ops::read_file(args.checkpoint->value)))
      hold_against(context, *checkpoint, report);
    else if (report.verdict == "intact") {
      report.verdict = "unverifiable";
      report.reason = fmt::format("{} is no checkpoint.", args.checkpoint->value);
    }
  }
  if (report.verdict == "intact") return report.json();
  const auto where =
      report.first_bad == 0 ? std::string() : fmt::format(" at row {} of the chain {}", report.first_bad, report.chain);
  throw Error{ErrorKind::precondition, "check_failed",
              fmt::format("The audit trail is {}{}. {}", report.verdict, where, report.reason),
              report.verdict == "tampered" ? "Compare with a backup: steward audit show, docs/operations.md." : ""}
      .with(report.json());
}

struct CheckpointArgs {
  ops::NewFile to;
  std::optional<ops::Text<100>> chain;
};

Checkpoint sign_head(ops::Context& context, const std::string& chain) {
  const auto head = head_of(context.tx, chain);
  if (head.seq == 0)
    throw Error{ErrorKind::not_found, "not_found", fmt::format("The chain {} has no rows to sign.", in_quotes(chain)),
                "steward audit list shows what there is."}
        .at("chain");
  Checkpoint out{
      chain, head.seq, head.hash, instance_id(context.tx), to_text(context.now()), context.vault.public_key(), {}};
  out.signature = context.vault.sign(signed_text(out));
  return out;
}

Json json_of(const Checkpoint& checkpoint, const std::string& file) {
  auto out = parse_json(file_text(checkpoint));
  out.set("file", file);
  return out;
}

ops::Change checkpoint(ops::Context& context, const CheckpointArgs& args) {
  const auto signed_head = sign_head(context, chain_of(args.chain));
  if (!knows_key(context.tx, signed_head.public_key)) record_key(context.tx, signed_head.public_key);
  ops::Change change;
  change.target_type = "audit_chain";
  change.target_id = signed_head.chain;
  change.sentence = fmt::format("Signed row {} of the audit trail to {}. Keep the file where the database is not.",
                                signed_head.seq, args.to.value);
  change.data = json_of(signed_head, args.to.value);
  change.metadata = Json{{"seq", signed_head.seq}, {"hash", signed_head.hash}, {"public_key", signed_head.public_key}};
  change.effects.push_back(Json{{"kind", "file"}, {"path", args.to.value}});
  change.next = fmt::format("steward audit verify --checkpoint {}", args.to.value);
  ops::deliver(change, args.to.value, file_text(signed_head), !context.request.dry_run);
  return change;
}

struct ExportArgs {
  ops::NewFile to;
  std::optional<ops::Text<100>> chain;
};

Json export_rows(ops::Context& context, const ExportArgs& args) {
  const auto chain = chain_of(args.chain);
  ops::StagedFile file(args.to.value);
  std::int64_t entries = 0;
  each_line(context.tx, chain, [&](std::string_view line) {
    file.write(line);
    ++entries;
  });
  file.commit();
  if (ops::is_standard_output(args.to.value)) return Json{{"text", ""}};  // the lines are the answer
  return Json{
      {"file", args.to.value}, {"chain", chain}, {"entries", entries}, {"head", head_of(context.tx, chain).hash}};
}

constexpr ops::Column kVerifyColumns[] = {
    {"verdict", {}, ops::Kind::text, ops::Shown::always, "intact, tampered or unverifiable"},
    {"entries", {}, ops::Kind::integer, ops::Shown::always, "Rows checked, in every chain"},
    {"first_bad", {}, ops::Kind::integer, ops::Shown::always, "The first broken row"},
    {"chain", {}, ops::Kind::text, ops::Shown::always, "The broken chain, or studio"},
    {"reason"},
    {"head", {}, ops::Kind::text, ops::Shown::always, "Hash of the last row"},
};
constexpr ops::Column kCheckpointColumns[] = {
    {"chain"},
    {"seq", {}, ops::Kind::integer},
    {"hash"},
    {"instance_id"},
    {"created_at", {}, ops::Kind::instant},
    {"public_key"},
    {"signature"},
    {"file"},
};
constexpr ops::Column kExportColumns[] = {{"file"}, {"chain"}, {"entries", {}, ops::Kind::integer}, {"head"}};

void register_proofs(ops::Registry& registry) {
  registry.add(ops::declare<VerifyArgs>("audit.verify", "Recompute the audit trail and name the first broken row")
                   .option("checkpoint", &VerifyArgs::checkpoint, "Also hold it against this signed checkpoint")
                   .details("Every chain is recomputed from its first row. Anything but intact is exit 6 with the "
                            "report in errors[0].details.")
                   .needs("audit:read")
                   .example("steward audit verify")
                   .example("steward audit verify --checkpoint /mnt/safe/steward.checkpoint")
                   .returns(kVerifyColumns)
                   .shows(verify));
  registry.add(
      ops::declare<CheckpointArgs>("audit.checkpoint", "Sign the head of the audit trail to a file")
          .option("to", &CheckpointArgs::to, "The file, replaced only with --yes; - is standard output")
          .option("chain", &CheckpointArgs::chain, "The studio's unless said")
          .details("Signed with the Ed25519 key of the key file; its public half is kept in the database for good.")
          .needs("audit:write")
          .example("steward audit checkpoint --to steward.checkpoint")
          .returns(kCheckpointColumns)
          .writes(checkpoint));
  registry.add(ops::declare<ExportArgs>("audit.export", "Write a chain with its hashes to a file, a JSON object a line")
                   .option("to", &ExportArgs::to, "The file, replaced only with --yes; - is standard output")
                   .option("chain", &ExportArgs::chain, "The studio's unless said")
                   .details("Each line without prev_hash and hash, as JSON with sorted keys and no white space, is "
                            "what was hashed behind the "
                            "32 bytes of prev_hash (BLAKE2b-256).")
                   .needs("audit:read")
                   .example("steward audit export --to audit.ndjson")
                   .returns(kExportColumns)
                   .shows(export_rows));
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("audit.list", "List what was done, by whom and to what, newest first")
                   .option("actor", &ListArgs::actor, "A person's address, operator:LOGIN, or an id")
                   .option("token", &ListArgs::token, "A token's name, prefix or id")
                   .option("action", &ListArgs::action, "Such as invoices.issue, or invoices for all of them")
                   .option("target", &ListArgs::target, "An id, a type such as invoice, TYPE:ID, or a person's address")
                   .option("since", &ListArgs::since, "At or after this instant")
                   .option("until", &ListArgs::until, "Before this instant")
                   .option("search", &ListArgs::search, "Text in the action, the target or the request id")
                   .option("chain", &ListArgs::chain, "The studio's unless said")
                   .needs("audit:read")
                   .example("steward audit list --action invoices --since 2026-11-01")
                   .lists(list, columns()));
  registry.add(ops::declare<ShowArgs>("audit.show", "Show one row of the audit trail")
                   .positional("seq", &ShowArgs::seq, "Its number")
                   .option("chain", &ShowArgs::chain, "The studio's unless said")
                   .needs("audit:read")
                   .example("steward audit show 42")
                   .returns(columns())
                   .shows(show));
  register_proofs(registry);
}

}  // namespace steward::audit
