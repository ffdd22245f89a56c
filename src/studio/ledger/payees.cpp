// Whom payouts are made to (LG-8, LG-13): whose tax data there is, and what it says.

#include "studio/ledger/payees.h"

#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/payee_rows.h"

namespace steward::ledger {
namespace {

// ---- list, show ----

struct ListArgs {
  std::optional<TaxDataState> status;
  std::optional<ops::Country> country;
  std::optional<ops::InstantOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_payees(ops::Context& context, const ListArgs& args) {
  auto listing = payee_listing();
  listing.where_if("u.id = {}", only_own(context.actor));
  listing.where_if(fmt::format("{} = {{}}", kPayeeState), args.status);
  if (args.country) listing.where("t.country = {}", {args.country->value});
  if (args.since) listing.where("t.updated_at >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("t.updated_at < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"u.email"});
  return listing;
}

struct ShowArgs {
  identity::UserRef user;
};

Json show_payee(ops::Context& context, const ShowArgs& args) {
  const auto user = payee_named(context, args.user);
  auto record = payee_record(context.tx, user.id.text);
  const auto payee = find_payee(context.tx, user.id.text);
  if (!payee || !context.actor.is_person()) return record;
  const auto clear = opened(context, *payee);
  for (const auto& field : personal_fields())
    if (const auto& text = clear.*field.member; text) record.set(field.name, *text);
  if (clear.tax_id) record.set("tax_id", masked_tax_id(*clear.tax_id));
  return record;
}

// ---- reveal ----

// A read leaves no trace; that somebody looked at a whole tax number is for the audit trail.
ops::Change reveal_tax_id(ops::Context& context, const ShowArgs& args) {
  require_person(context);
  const auto user = payee_named(context, args.user);
  const auto payee = find_payee(context.tx, user.id.text);
  const auto number = payee ? opened(context, *payee, personal_fields().back()) : std::nullopt;
  if (!number)
    throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no tax number of {}.", user.email),
                fmt::format("steward ledger payees set {} --tax-id-file FILE", user.email)}
        .at("user");
  ops::Change change;
  change.target_type = "payee";
  change.target_id = payee->id;
  change.sentence = fmt::format("Revealed the tax number of {}.", user.email);
  change.data = payee_record(context.tx, user.id.text);
  change.metadata = Json{{"user_id", user.id.text}, {"revealed", "tax_id"}};
  change.once = Json{{"revealed", *number}};
  return change;
}

}  // namespace

// Who sees only his own is not told who else there is.
identity::User payee_named(ops::Context& context, const identity::UserRef& ref) {
  const auto id = ops::resolve(context.tx, ref, "user");
  if (const auto own = only_own(context.actor); own && *own != id.text)
    throw Error{ErrorKind::not_found, "not_found", "You may see no tax data but your own."}.at("user");
  return identity::find_user(context.tx, id);
}

// A request that waits for somebody, or an agent's own record of it, would hold it in the clear.
void require_person(const ops::Context& context) {
  if (context.actor.is_person()) return;
  throw Error{ErrorKind::permission, "forbidden", "Tax data is for people: no agent or job changes or reveals it.",
              "A person runs it at the shell, or with a token of his own."};
}

void register_payees(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("ledger.payees.list", "List whose tax data there is, and whose is missing")
                   .details("Everybody who earned something, or whose tax data there is. INCOMPLETE lacks the tax "
                            "number. Nothing personal beyond address of e-mail and country is listed. Who is no ADMIN "
                            "sees his own.")
                   .option("status", &ListArgs::status, "Only those whose tax data is so")
                   .option("country", &ListArgs::country, "Only those of this country")
                   .option("since", &ListArgs::since, "Changed at or after this instant")
                   .option("until", &ListArgs::until, "Changed before this instant")
                   .option("search", &ListArgs::search, "A piece of the address of e-mail")
                   .needs("payees:read")
                   .also(earners())
                   .example("steward ledger payees list --status missing")
                   .lists(list_payees, kPayeeColumns));
  registry.add(ops::declare<ShowArgs>("ledger.payees.show", "Show a payee's tax data and what is missing of it")
                   .details("A person sees it decrypted, but for the tax number, of which the last characters are "
                            "shown; an agent or a job sees (set). Who is no ADMIN sees his own.")
                   .positional("user", &ShowArgs::user, "Address, id, or unique tail of an id")
                   .needs("payees:read")
                   .also(earners())
                   .example("steward ledger payees show noor@atelier.example")
                   .returns(kPayeeColumns)
                   .shows(show_payee));
  register_payee_writes(registry);
  registry.add(ops::declare<ShowArgs>("ledger.payees.reveal", "Show a payee's whole tax number, on the record")
                   .details("Answers the number once, as 'revealed', and leaves an audit row of who looked; it is kept "
                            "nowhere else. For people only; who is no ADMIN reveals his own.")
                   .positional("user", &ShowArgs::user, "Address, id, or unique tail of an id")
                   .needs("payees:reveal")
                   .also(earners())
                   .example("steward ledger payees reveal noor@atelier.example")
                   .returns(kPayeeColumns)
                   .writes(reveal_tax_id));
}

}  // namespace steward::ledger
