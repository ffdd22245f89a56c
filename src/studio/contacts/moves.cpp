#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/contacts/operations.h"

namespace steward::contacts {
namespace {

struct MoveArgs {
  ContactRef contact;
  std::optional<ops::LongText<2000>> note;
};

std::string next_for(Status status, const Contact& contact) {
  switch (status) {
    case Status::lead:
      return "steward contacts qualify " + contact.email;
    case Status::qualified:
      return "steward contacts onboard " + contact.email;
    case Status::onboarding:
      return "steward contacts activate " + contact.email;
    default:
      return {};
  }
}

// A note that comes without a move is kept in the history all the same, as a step from the status to itself.
ops::Change move(ops::Context& context, const MoveArgs& args, Status to, std::string_view verb, std::string_view done) {
  const auto contact = find_contact(context.tx, args.contact);
  require_unmerged(context.tx, contact);
  const bool moves = contact.status != to;
  if (moves) kLifecycle.require(contact.status, to, label_of(contact), verb);
  if (!moves && !args.note)
    return no_change(context, contact, fmt::format("{} is {} already.", label_of(contact), to_text(to)));
  if (moves) store_status(context.tx, contact, to);
  ops::record_history(context, kHistory, contact.id.text, to_text(contact.status), to_text(to),
                      args.note ? std::optional<std::string>(args.note->value) : std::nullopt);
  auto change = change_of(context, contact.id, fmt::format("{} contact {}.", moves ? done : "Noted on", contact.email));
  change.metadata = {{"before", Json{{"status", to_text(contact.status)}}},
                     {"after", Json{{"status", to_text(to)}}},
                     {"noted", args.note.has_value()}};
  change.next = next_for(to, contact);
  return change;
}

ops::Change qualify(ops::Context& context, const MoveArgs& args) {
  return move(context, args, Status::qualified, "qualify", "Qualified");
}
ops::Change onboard(ops::Context& context, const MoveArgs& args) {
  return move(context, args, Status::onboarding, "onboard", "Began to onboard");
}
ops::Change activate(ops::Context& context, const MoveArgs& args) {
  return move(context, args, Status::active, "activate", "Activated");
}
ops::Change churn(ops::Context& context, const MoveArgs& args) {
  return move(context, args, Status::churned, "churn", "Churned");
}

// Who left comes back only with a word why (CT-6).
struct ReopenArgs {
  ContactRef contact;
  ops::LongText<2000> note;
};

ops::Change reopen(ops::Context& context, const ReopenArgs& args) {
  return move(context, {args.contact, args.note}, Status::lead, "reopen", "Reopened");
}

template <class Args = MoveArgs>
ops::Declaration<Args> transition(std::string path, std::string summary, std::string example,
                                  std::string note = "A word on it, for the history") {
  return ops::declare<Args>(std::move(path), std::move(summary))
      .subject("contact", &Args::contact, "E-mail address, id, or unique tail of an id")
      .option("note", &Args::note, std::move(note))
      .needs("contacts:write")
      .also(handlers())
      .example(std::move(example))
      .returns(kContactColumns);
}

}  // namespace

void register_moves(ops::Registry& registry) {
  registry.add(kLifecycle);
  registry.add(transition("contacts.qualify", "Say that a contact is worth the studio's time",
                          "steward contacts qualify ada@client.example")
                   .writes(qualify));
  registry.add(transition("contacts.onboard", "Begin to onboard a qualified contact",
                          "steward contacts onboard ada@client.example")
                   .writes(onboard));
  registry.add(transition("contacts.activate", "Say that a contact is a client now",
                          "steward contacts activate ada@client.example")
                   .writes(activate));
  registry.add(transition("contacts.churn", "Say that a contact is no client any more, or becomes none",
                          "steward contacts churn ada@client.example --note 'Moved away'")
                   .writes(churn));
  registry.add(transition<ReopenArgs>("contacts.reopen", "Take up again a contact that had left",
                                      "steward contacts reopen ada@client.example --note 'They called back'",
                                      "Why they are taken up again, for the history")
                   .writes(reopen));
}

}  // namespace steward::contacts
