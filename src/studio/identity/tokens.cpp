#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/moment.h"
#include "ops/declare.h"
#include "ops/run.h"
#include "ops/settings.h"
#include "studio/approvals/approvals.h"
#include "studio/identity/rows.h"
#include "studio/identity/token_rows.h"

namespace steward::identity {

/// "500.00 EUR/day", as an argument.
struct CeilingText {
  Ceiling value;
};
struct Scope {
  std::string value;
};

}  // namespace steward::identity

namespace steward::ops {

template <>
struct ArgumentType<identity::CeilingText> {
  static TypeInfo info() { return {"AMOUNT", "such as \"500.00 EUR/day\"; also /call, /week, /month"}; }
  static identity::CeilingText parse(std::string_view text, std::string_view) {
    return {identity::parse_ceiling(text)};
  }
};
template <>
struct ArgumentType<identity::Scope> {
  static TypeInfo info() { return {"SCOPE", "such as offers:write, invoices:*, *:read or *"}; }
  static identity::Scope parse(std::string_view text, std::string_view) { return {identity::parse_scope(text)}; }
};

}  // namespace steward::ops

namespace steward::identity {
namespace {

struct ListArgs {
  std::optional<TokenStatus> status;
  std::optional<TokenKind> kind;
  std::optional<UserRef> user;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list(ops::Context& context, const ListArgs& args) {
  auto listing = list_tokens(context.now());
  if (args.status) filter_token_status(listing, *args.status);
  listing.where_if("t.kind = {}", args.kind);
  if (args.user) listing.where("t.user_id = {}", {ops::resolve(context.tx, *args.user)});
  if (args.since) listing.where("t.created_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("t.created_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"t.name", "t.prefix", "u.email"});
  return listing;
}

struct ShowArgs {
  TokenRef token;
};

Json show(ops::Context& context, const ShowArgs& args) {
  return token_record(context.tx, resolve_token(context.tx, args.token));
}

struct CreateArgs {
  ops::Text<100> name;
  std::vector<Scope> scope;
  std::optional<TokenKind> kind;
  std::optional<UserRef> user;
  std::optional<Duration> ttl;
  std::optional<ops::Slug> workspace;
  std::optional<CeilingText> max_amount;
};

void check_create(const CreateArgs& args) {
  if (args.scope.empty())
    refuse_usage("missing_argument", "tokens create needs --scope.", "scope",
                 "Name what the token may do, such as --scope offers:write.");
  const bool person = args.kind.value_or(TokenKind::agent) == TokenKind::person;
  if (person && !args.user)
    refuse_usage("missing_argument", "A person's token needs --user.", "user", "Name whom the token acts as.");
  if (!person && args.user)
    refuse_usage("unsupported_combination", "Only a person's token has a user.", "user",
                 "Add --kind person, or leave --user out.");
  token_life(args.ttl);
}

// A scope that no operation needs lets nobody do anything; most likely it is misspelt.
void require_known(ops::Registry& registry, const std::vector<std::string>& scopes) {
  std::vector<std::string> groups{"*"};
  for (const auto* operation : registry.all()) {
    auto group = operation->scope.substr(0, operation->scope.find(':'));
    if (!group.empty() && std::ranges::count(groups, group) == 0) groups.push_back(std::move(group));
  }
  for (const auto& scope : scopes) {
    const auto group = scope.substr(0, scope.find(':'));
    if (std::ranges::count(groups, group) > 0) continue;
    const auto near = nearest(group, groups);
    refuse_usage("invalid_scope", fmt::format("There is no group '{}' for the scope {}.", group, scope), "scope",
                 near.empty() ? fmt::format("The groups are {}.", join(groups, ", "))
                              : fmt::format("Did you mean {}?", join(near, " or ")));
  }
}

// ID-4: nobody hands out more than they hold.
void require_holds(const ops::Actor& actor, const std::vector<std::string>& scopes) {
  for (const auto& scope : scopes)
    if (!actor.has_scope(scope))
      throw Error{ErrorKind::permission, "forbidden",
                  fmt::format("You do not hold the scope {}, so you can't hand it out.", scope),
                  "Ask somebody who holds it."}
          .at("scope")
          .with(Json{{"scope", scope}});
}

// Nor what they do not have: a token with a ceiling or a workspace would give itself one without. What an agent or a
// job asks for, a person decides.
void require_unbounded(ops::Context& context, const std::optional<TokenId>& about) {
  const auto& own = context.actor.token_id;
  if (!own || !context.actor.is_person() || (about && about->text == *own) || !is_bounded(context.tx, *own)) return;
  throw Error{ErrorKind::permission, "forbidden", "A token with a ceiling or a workspace makes no other tokens.",
              "Use a token that has neither."};
}

// A person's token acts with that person's roles: who makes one must hold the protected ones themselves.
void require_may_act_as(ops::Context& context, const User& user) {
  for (const auto role : user.roles) {
    if (!is_protected(context.tx, role) || context.actor.has_role(role)) continue;
    throw Error{
        ErrorKind::permission, "forbidden",
        fmt::format("{} is {}; only another {} makes a token for them.", user.email, to_text(role), to_text(role)),
        "Ask somebody who holds that role."}
        .at("user");
  }
}

NewToken new_token_of(ops::Context& context, const CreateArgs& args) {
  NewToken token;
  token.name = args.name.value;
  token.kind = args.kind.value_or(TokenKind::agent);
  for (const auto& scope : args.scope) token.scopes.push_back(scope.value);
  if (args.workspace) token.workspace = args.workspace->value;
  if (args.max_amount) token.ceiling = args.max_amount->value;
  token.expires_at = context.now() + token_life(args.ttl);
  require_known(*context.house.registry, token.scopes);
  require_holds(context.actor, token.scopes);
  if (!args.user) return token;
  const auto user = require_active(context.tx, *args.user, {}, "user");
  require_may_act_as(context, user);
  token.user = user.id;
  return token;
}

Json scopes_of(const std::vector<std::string>& scopes) { return Json(Json::Array(scopes.begin(), scopes.end())); }

ops::Change change_of(ops::Context& context, const TokenId& id, std::string sentence, Json metadata) {
  ops::Change change;
  change.target_type = "token";
  change.target_id = id.text;
  change.sentence = std::move(sentence);
  change.data = token_record(context.tx, id);
  change.metadata = std::move(metadata);
  change.gravity = ops::Gravity::agents_propose;
  return change;
}

ops::Change create(ops::Context& context, const CreateArgs& args) {
  require_unbounded(context, {});
  const auto token = new_token_of(context, args);
  const auto fresh = ops::make_token();
  const auto id = insert_token(context, token, fresh);
  auto change = change_of(context, id,
                          fmt::format("Made the token {}, valid until {}. It is shown this once.", token.name,
                                      moment_text(token.expires_at)),
                          Json{{"kind", to_text(token.kind)},
                               {"scopes", scopes_of(token.scopes)},
                               {"expires_at", to_text(token.expires_at)}});
  if (token.user) change.metadata.set("user_id", token.user->text);
  change.once = Json{{"token", fresh.text}};
  return change;
}

struct TokenArgs {
  TokenRef token;
};

// Where the shell needs a token, the last administrator who has one must not lock everybody out. `could` is whether
// there was a way in before.
void require_way_in(ops::Context& context, const Token& token, bool could) {
  if (!could || administrator_has_token(context.tx)) return;
  if (ops::environment_of(context.tx, context.house) == "local" || ops::setting_on(context.tx, "controls.solo")) return;
  throw Error{ErrorKind::conflict, "last_administrator",
              fmt::format("The token {} is the last one that lets an administrator in.", token.name),
              "Make another administrator's token first, or give this one a new secret: steward tokens rotate."};
}

ops::Change revoke(ops::Context& context, const TokenArgs& args) {
  const auto token = find_token(context.tx, resolve_token(context.tx, args.token));
  if (token.revoked_at)
    return ops::Change::none("token", token.id.text, fmt::format("The token {} is revoked already.", token.name),
                             token_record(context.tx, token.id));
  const bool could = administrator_has_token(context.tx);
  mark_revoked(context, token);
  require_way_in(context, token, could);
  const auto cancelled = approvals::cancel_of_token(context.tx, token.id.text);
  return change_of(context, token.id, fmt::format("Revoked the token {}; it opens nothing any more.", token.name),
                   Json{{"cancelled_requests", cancelled}});
}

struct RotateArgs {
  TokenRef token;
  std::optional<Duration> ttl;
};

void require_can_rotate(ops::Context& context, const Token& token, const std::optional<Duration>& ttl) {
  require_holds(context.actor, token.scopes);
  require_unbounded(context, token.id);
  if (token.user) require_may_act_as(context, find_user(context.tx, *token.user));
  const auto status = token_status(context.now(), token.expires_at, token.revoked_at);
  if (status == TokenStatus::revoked)
    throw Error{ErrorKind::conflict, "invalid_transition",
                fmt::format("The token {} is revoked and gets no new secret.", token.name), "Make a new one."};
  if (status == TokenStatus::expired && !ttl)
    throw Error{ErrorKind::conflict, "expired",
                fmt::format("The token {} expired at {}.", token.name, moment_text(token.expires_at)),
                "Give it a new life with --ttl 90d."};
}

ops::Change rotate(ops::Context& context, const RotateArgs& args) {
  const auto token = find_token(context.tx, resolve_token(context.tx, args.token));
  require_can_rotate(context, token, args.ttl);
  const auto expires_at = args.ttl ? context.now() + token_life(args.ttl) : token.expires_at;
  const auto fresh = ops::make_token();
  replace_secret(context, token, fresh, expires_at);
  auto change = change_of(
      context, token.id, fmt::format("Gave the token {} a new secret; the old one opens nothing any more.", token.name),
      Json{{"before", Json{{"expires_at", to_text(token.expires_at)}}},
           {"after", Json{{"expires_at", to_text(expires_at)}}}});
  change.once = Json{{"token", fresh.text}};
  return change;
}

void register_token_reads(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("tokens.list", "List the tokens, without their secrets")
                   .option("status", &ListArgs::status, "Only these")
                   .option("kind", &ListArgs::kind, "Only these")
                   .option("user", &ListArgs::user, "Only tokens that act as this person")
                   .option("since", &ListArgs::since, "Made at or after this instant")
                   .option("until", &ListArgs::until, "Made before this instant")
                   .option("search", &ListArgs::search, "Text in the name, the prefix or the person's address")
                   .needs("tokens:read")
                   .example("steward tokens list --status active")
                   .lists(list, token_columns()));
  registry.add(ops::declare<ShowArgs>("tokens.show", "Show a token, without its secret")
                   .positional("token", &ShowArgs::token, "Name, prefix, id, or unique tail of an id")
                   .needs("tokens:read")
                   .example("steward tokens show nightly")
                   .returns(token_columns())
                   .shows(show));
}

}  // namespace

void register_tokens(ops::Registry& registry) {
  register_token_reads(registry);
  registry.add(
      ops::declare<CreateArgs>("tokens.create", "Make a token for a person, an agent or a job, and show it once")
          .option("name", &CreateArgs::name, "What it is for")
          .option("scope", &CreateArgs::scope, "What it may do; repeat for more")
          .option("kind", &CreateArgs::kind,
                  "Agent unless said: a person's acts as --user, a job's runs what is scheduled")
          .option("user", &CreateArgs::user, "Whom a person's token acts as")
          .option("ttl", &CreateArgs::ttl, "How long it lives: 90d unless said, 365d at most")
          .option("workspace", &CreateArgs::workspace, "The only workspace it reaches")
          .option("max-amount", &CreateArgs::max_amount, "The most money it may record, take back or pay out")
          .check(check_create)
          .details(
              "Nobody hands out a scope that they do not hold. Only a hash of the secret is stored. What counts for "
              "--max-amount is what payments record and payments reverse book and ledger payout sends, in the "
              "ceiling's currency and no other; an invoice only asks for money, so issuing it does not count.")
          .needs("tokens:write")
          .may_escalate()
          .example("steward tokens create --name nightly --kind job --scope '*:read' --ttl 30d")
          .example("steward tokens create --name bookkeeper --scope payments:write --max-amount \"500.00 EUR/day\"")
          .returns(token_columns())
          .writes(create));
  registry.add(ops::declare<TokenArgs>("tokens.revoke", "End a token at once and cancel what it has waiting")
                   .details("Outside local, and without controls.solo, the last token that lets an administrator in "
                            "stays: rotate it, or make another one first.")
                   .subject("token", &TokenArgs::token, "Name, prefix, id, or unique tail of an id")
                   .needs("tokens:write")
                   .may_escalate()
                   .example("steward tokens revoke nightly")
                   .returns(token_columns())
                   .writes(revoke));
  registry.add(ops::declare<RotateArgs>("tokens.rotate", "Give a token a new secret and end the old one at once")
                   .positional("token", &RotateArgs::token, "Name, prefix, id, or unique tail of an id")
                   .option("ttl", &RotateArgs::ttl, "A new life from now; as it was unless said")
                   .needs("tokens:write")
                   .may_escalate()
                   .example("steward tokens rotate nightly --ttl 90d")
                   .returns(token_columns())
                   .writes(rotate));
}

}  // namespace steward::identity
