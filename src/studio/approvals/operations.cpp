#include <fmt/format.h>

#include "core/error.h"
#include "ops/approval.h"
#include "ops/authenticate.h"
#include "ops/declare.h"
#include "ops/idempotency.h"
#include "ops/settings.h"
#include "studio/approvals/rows.h"

namespace steward::approvals {
namespace {

struct ListArgs {
  std::optional<Status> status;
  std::optional<ops::Text<100>> operation;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list(ops::Context& context, const ListArgs& args) {
  auto listing = list_requests(context.now());
  if (args.status) filter_status(listing, *args.status);
  if (args.operation) listing.where("p.operation = {}", {args.operation->value});
  if (args.since) listing.where("p.proposed_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("p.proposed_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"p.operation", "p.subject", "p.rationale"});
  return listing;
}

struct ShowArgs {
  ApprovalRef approval;
};

Json show(ops::Context& context, const ShowArgs& args) {
  return record_of(context.tx, ops::resolve(context.tx, args.approval));
}

struct ReviewArgs {
  ApprovalRef approval;
  std::optional<ops::LongText<2000>> note;
  std::optional<ops::Text<64>> payload_hash;
};

std::optional<std::string> note_of(const ReviewArgs& args) {
  return args.note ? std::optional(args.note->value) : std::nullopt;
}

// PR-4: an agent or a job never decides, whatever its scopes.
void require_person(const ops::Actor& actor) {
  if (actor.is_person()) return;
  throw Error{ErrorKind::permission, "forbidden", "Only a person decides on a request, not an agent or a job.",
              "A person runs it at the shell or with a person's token."};
}

Party party_of(const ops::Actor& actor) { return {actor.id, actor.user_id}; }

const ops::Operation& operation_of(ops::Context& context, const Request& request) {
  const auto* operation = context.house.registry->find(request.operation);
  if (operation && operation->form == ops::Operation::Form::write) return *operation;
  throw Error{ErrorKind::precondition, "unknown_operation",
              fmt::format("{} asks for an operation that this steward does not have.", request.label()),
              "Approve it with the steward it was filed with, or deny it."};
}

// PR-3: what is carried out is what was filed, and what the reviewer looked at; files count by their content.
void require_unaltered(const Request& request, const ops::Operation& operation, const ops::RawArgs& raw,
                       const ReviewArgs& args) {
  const bool seen = !args.payload_hash || args.payload_hash->value == request.payload_hash;
  if (seen && ops::request_hash(operation, raw) == request.payload_hash) return;
  throw Error{ErrorKind::conflict, "payload_changed",
              seen ? fmt::format("{} is not what was filed any more: a file it names has changed.", request.label())
                   : fmt::format("{} has another payload hash.", request.label()),
              fmt::format("steward approvals show {}", request.id.text)}
      .with(Json{{"payload_hash", request.payload_hash}});
}

Json nested_metadata(ops::Context& context, const Request& request) {
  Json out{{"approval_id", request.id.text}, {"proposed_by", request.proposer.actor}};
  // Whoever makes another person's token could act as both; the trail shows it.
  if (token_maker(context.tx, context.actor.token_id) == request.proposer.actor)
    out.set("reviewer_token_made_by_proposer", true);
  return out;
}

// Contract 6: what is carried out is what was rehearsed, so the records it is about must stand as they stood then.
ops::Change carry_out(ops::Context& context, const Request& request, const ops::Operation& operation,
                      const ops::RawArgs& raw) {
  auto& connection = context.tx.connection();
  if (!context.request.dry_run) connection.capture_changes();
  auto done = context.run_nested(operation, raw, nested_metadata(context, request));
  if (!done.changed || ops::state_hash(done, connection.captured_changes()) == request.state_hash) return done;
  throw Error{ErrorKind::conflict, "stale_version",
              fmt::format("{} was filed about something that has changed since.", request.label()),
              fmt::format("Turn it down with steward approvals deny {}, and let it be proposed anew.", request.id.text)}
      .with(Json{{"approval_id", request.id.text}});
}

// What takes two people is not done by an agent and the person who made its token: that is one person.
void require_two_people(ops::Context& context, const Request& request, const ops::Operation& operation,
                        const ops::Change& done, bool two_person) {
  if (!operation.second_person && done.gravity != ops::Gravity::second_person) return;
  if (!two_person) {
    context.two_person_waived = true;
    return;
  }
  require_other_person({token_maker(context.tx, request.proposer_token), {}}, party_of(context.actor));
}

Json result_of(const ops::Change& done) {
  return Json{{"data", done.data},
              {"sentence", done.sentence},
              {"target_type", done.target_type},
              {"target_id", done.target_id}};
}

ops::Change decided(ops::Context& context, const Request& request, Status to, std::string sentence) {
  ops::Change change;
  change.target_type = "approval";
  change.target_id = request.id.text;
  change.sentence = std::move(sentence);
  change.data = record_of(context.tx, request.id);
  change.metadata = Json{{"operation", request.operation},
                         {"before", Json{{"status", to_text(request.status)}}},
                         {"after", Json{{"status", to_text(to)}}}};
  return change;
}

ops::Change already(ops::Context& context, const Request& request) {
  return ops::Change::none("approval", request.id.text,
                           fmt::format("{} is {} already.", request.label(), to_text(request.status)),
                           record_of(context.tx, request.id));
}

ops::Change approve(ops::Context& context, const ReviewArgs& args) {
  require_person(context.actor);
  const auto request = find_request(context.tx, ops::resolve(context.tx, args.approval));
  const auto& operation = operation_of(context, request);
  ops::authorise(context.actor, operation);
  require_other_person(request.proposer, party_of(context.actor));
  if (request.status == Status::approved) return already(context, request);
  require_waiting(request.status, Status::approved, request.expires_at, context.now(), request.label());
  const auto raw = ops::raw_args_of(operation, parse_json(request.payload));
  require_unaltered(request, operation, raw, args);
  const bool two_person = ops::setting_on(context.tx, "controls.two_person");  // what is asked may switch it off
  auto done = carry_out(context, request, operation, raw);
  require_two_people(context, request, operation, done, two_person);
  decide(context, request, {Status::approved, note_of(args), to_canonical(result_of(done))});
  auto change = decided(context, request, Status::approved, fmt::format("Approved: {}", done.sentence));
  change.next = std::move(done.next);
  change.once = std::move(done.once);
  change.warnings = std::move(done.warnings);
  change.effects = std::move(done.effects);
  return change;
}

ops::Change deny(ops::Context& context, const ReviewArgs& args) {
  require_person(context.actor);
  const auto request = find_request(context.tx, ops::resolve(context.tx, args.approval));
  if (request.status == Status::denied) return already(context, request);
  require_waiting(request.status, Status::denied, request.expires_at, context.now(), request.label());
  decide(context, request, {Status::denied, note_of(args), {}});
  return decided(context, request, Status::denied, fmt::format("Denied {}.", request.operation));
}

struct WithdrawArgs {
  ApprovalRef approval;
};

ops::Change withdraw(ops::Context& context, const WithdrawArgs& args) {
  const auto request = find_request(context.tx, ops::resolve(context.tx, args.approval));
  if (!same_person(request.proposer, party_of(context.actor)))
    throw Error{ErrorKind::permission, "forbidden",
                fmt::format("{} is somebody else's: only its author withdraws it.", request.label()),
                fmt::format("steward approvals deny {}", request.id.text)};
  if (request.status == Status::cancelled) return already(context, request);
  require_waiting(request.status, Status::cancelled, request.expires_at, context.now(), request.label());
  decide(context, request, {Status::cancelled, {}, {}});
  return decided(context, request, Status::cancelled, fmt::format("Withdrew {}.", request.operation));
}

ops::Change expire(ops::Context& context, const ops::NoArgs&) {
  const auto count = expire_due(context.tx);
  const Json data{{"expired", count}};
  if (count == 0) return ops::Change::none("approvals", "due", "No request has waited too long.", data);
  ops::Change change;
  change.target_type = "approvals";
  change.target_id = "due";
  change.sentence = fmt::format("Expired {}.", count_of(static_cast<std::size_t>(count), "request"));
  change.data = data;
  change.metadata = data;
  return change;
}

constexpr ops::Column kExpiredColumns[] = {
    {"expired", {}, ops::Kind::integer, ops::Shown::always, "How many waited too long"}};

void register_decisions(ops::Registry& registry) {
  registry.add(
      ops::declare<ReviewArgs>("approvals.approve", "Carry out a request that waits for a person")
          .subject("approval", &ReviewArgs::approval, "Id, or unique tail of an id")
          .option("note", &ReviewArgs::note, "Why; kept with the request")
          .option("payload-hash", &ReviewArgs::payload_hash,
                  "Refuse unless the request has this hash, as approvals show prints it")
          .details("The request is checked again and carried out at once, in one transaction, by whoever approves it: "
                   "another person than the one who asked, with the rights for the operation itself. It is refused "
                   "once a record that it is about has changed since it was filed; look at what it would do with "
                   "approvals show.")
          .needs("approvals:write")
          .risk(ops::Risk::high)
          .also({ops::Role::maestro, ops::Role::staff})
          .example("steward approvals approve 3f9a1c --note \"Agreed by phone\"")
          .returns(columns())
          .writes(approve));
  registry.add(ops::declare<ReviewArgs>("approvals.deny", "Turn down a request that waits for a person")
                   .subject("approval", &ReviewArgs::approval, "Id, or unique tail of an id")
                   .option("note", &ReviewArgs::note, "Why; kept with the request")
                   .needs("approvals:write")
                   .risk(ops::Risk::high)
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward approvals deny 3f9a1c --note \"Wrong client\"")
                   .returns(columns())
                   .writes(deny));
  registry.add(ops::declare<WithdrawArgs>("approvals.withdraw", "Take back one's own request")
                   .subject("approval", &WithdrawArgs::approval, "Id, or unique tail of an id")
                   .needs("approvals:write")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward approvals withdraw 3f9a1c")
                   .returns(columns())
                   .writes(withdraw));
  registry.add(ops::declare<ops::NoArgs>("approvals.expire-due", "Expire the requests that waited too long")
                   .needs("approvals:write")
                   .example("steward approvals expire-due")
                   .returns(kExpiredColumns)
                   .writes(expire));
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(kLifecycle);
  registry.add(ops::declare<ListArgs>("approvals.list", "List the requests that wait, or waited, for a person")
                   .option("status", &ListArgs::status, "Only these")
                   .option("operation", &ListArgs::operation, "Only requests for this operation, such as users.disable")
                   .option("since", &ListArgs::since, "Filed at or after this instant")
                   .option("until", &ListArgs::until, "Filed before this instant")
                   .option("search", &ListArgs::search, "Text in the operation, its subject or the note")
                   .needs("approvals:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward approvals list --status pending")
                   .lists(list, columns()));
  registry.add(ops::declare<ShowArgs>("approvals.show", "Show a request, what it would do and what came of it")
                   .positional("approval", &ShowArgs::approval, "Id, or unique tail of an id")
                   .needs("approvals:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward approvals show 3f9a1c")
                   .returns(columns())
                   .shows(show));
  register_decisions(registry);
}

}  // namespace steward::approvals
