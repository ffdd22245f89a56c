#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/contacts/operations.h"
#include "studio/identity/identity.h"

namespace steward::contacts {
namespace {

template <class T>
std::optional<std::string> text_of(const std::optional<T>& value) {
  return value ? std::optional<std::string>(value->value) : std::nullopt;
}

template <class T>
void apply(std::optional<std::string>& field, const ops::Patch<T>& patch) {
  if (patch.touched()) field = text_of(patch.value);
}

// Whoever looks after a contact is an active member of the staff.
std::optional<std::string> assignee_named(ops::Context& context, const std::optional<identity::UserRef>& ref) {
  if (!ref) return {};
  auto staff = handlers();
  staff.push_back(ops::Role::admin);
  staff.push_back(ops::Role::super_admin);
  return identity::require_active(context.tx, *ref, staff, "assigned-to").id.text;
}

// A person is one contact.
std::optional<std::string> user_named(ops::Context& context, const std::optional<identity::UserRef>& ref,
                                      const std::optional<ContactId>& of) {
  if (!ref) return {};
  const auto id = ops::resolve(context.tx, *ref, "user").text;
  const auto other = find_contact_of_user(context.tx, id);
  if (other && other->id != of)
    throw Error{ErrorKind::conflict, "duplicate", fmt::format("That user is contact {} already.", other->email),
                fmt::format("Clear it there, or merge the two: steward contacts merge {} --into OTHER.", other->email)}
        .at("user");
  return id;
}

Json or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

// CT-1: before and after of what tells nothing of a person; of the rest the name only (contract 8).
Json audited(const Profile& profile) {
  auto out = Json::object();
  for (const auto& field : fields())
    if (!field.personal) out.set(field.name, or_null(profile.*field.member));
  return out;
}

void say_what_is_missing(ops::Change& change, const Contact& contact) {
  if (missing_for_documents(contact.profile).empty()) return;
  change.next = fmt::format("steward contacts show {}", contact.email);
}

// ---- create ----

struct CreateArgs {
  ops::Email email;
  std::optional<Name> name;
  std::optional<LegalName> legal_name;
  std::optional<Address> address;
  std::optional<ops::Country> country;
  std::optional<TaxId> tax_id;
  std::optional<ops::Email> billing_email;
  std::optional<Notes> notes;
  std::optional<identity::UserRef> user, assigned_to;
  std::optional<Source> source;
};

Profile profile_of(ops::Context& context, const CreateArgs& args) {
  return {text_of(args.name),         user_named(context, args.user, {}),
          text_of(args.notes),        assignee_named(context, args.assigned_to),
          text_of(args.legal_name),   text_of(args.address),
          text_of(args.country),      text_of(args.tax_id),
          text_of(args.billing_email)};
}

void require_new(ops::Context& context, const std::string& email) {
  const auto known = find_contact_by_email(context.tx, email);
  if (!known) return;
  const auto survivor = survivor_of(context.tx, *known);
  throw Error{ErrorKind::conflict, "duplicate",
              known->merged_into ? fmt::format("{} was merged into {}.", label_of(*known), survivor.email)
                                 : fmt::format("There is a contact {} already.", email),
              fmt::format("Change that one: steward contacts update {}.", survivor.email)}
      .at("email");
}

ops::Change create_contact(ops::Context& context, const CreateArgs& args) {
  require_new(context, args.email);
  const auto profile = profile_of(context, args);
  const auto source =
      args.source.value_or(context.actor.type == ops::ActorType::agent ? Source::agent : Source::manual);
  const auto id = insert_contact(context, args.email.value, source, profile);
  const auto linked = link_intakes(context.tx, id, args.email.value);
  auto change = change_of(context, id, fmt::format("Created contact {}.", args.email.value));
  change.metadata = {{"after", audited(profile).set("status", to_text(Status::lead)).set("source", to_text(source))},
                     {"filled", names(differences({}, profile))},
                     {"linked_intakes", linked}};
  say_what_is_missing(change, find_contact(context.tx, id));
  return change;
}

// ---- update ----

struct UpdateArgs {
  ContactRef contact;
  ops::Patch<Name> name;
  ops::Patch<LegalName> legal_name;
  ops::Patch<Address> address;
  ops::Patch<ops::Country> country;
  ops::Patch<TaxId> tax_id;
  ops::Patch<ops::Email> billing_email;
  ops::Patch<Notes> notes;
  ops::Patch<identity::UserRef> user, assigned_to;
  std::optional<Version> if_version;
};

Profile updated(ops::Context& context, const Contact& contact, const UpdateArgs& args) {
  auto profile = contact.profile;
  apply(profile.full_name, args.name);
  apply(profile.legal_name, args.legal_name);
  apply(profile.address, args.address);
  apply(profile.country, args.country);
  apply(profile.tax_id, args.tax_id);
  apply(profile.billing_email, args.billing_email);
  apply(profile.notes, args.notes);
  if (args.user.touched()) profile.user_id = user_named(context, args.user.value, contact.id);
  if (args.assigned_to.touched()) profile.assigned_to = assignee_named(context, args.assigned_to.value);
  return profile;
}

void require_version(const Contact& contact, const std::optional<Version>& wanted) {
  if (!wanted || wanted->value == contact.version) return;
  refuse_conflict("stale_version",
                  fmt::format("{} is at version {}, not {}.", label_of(contact), contact.version, wanted->value),
                  "Read it again, then retry.");
}

ops::Change update_contact(ops::Context& context, const UpdateArgs& args) {
  const auto contact = find_contact(context.tx, args.contact);
  require_version(contact, args.if_version);
  require_unmerged(context.tx, contact);
  const auto after = updated(context, contact, args);
  if (after == contact.profile) return no_change(context, contact, fmt::format("{} is so already.", label_of(contact)));
  store_profile(context.tx, contact, after);
  auto change = change_of(context, contact.id, fmt::format("Updated contact {}.", contact.email));
  change.metadata = {{"changed", names(differences(contact.profile, after))},
                     {"before", audited(contact.profile)},
                     {"after", audited(after)}};
  say_what_is_missing(change, find_contact(context.tx, contact.id));
  return change;
}

}  // namespace

void register_profiles(ops::Registry& registry) {
  registry.add(ops::declare<CreateArgs>("contacts.create", "Make a contact, with whom documents are made out to")
                   .details("Inquiries that came from the address before become theirs. A contact is its address: "
                            "who changes it becomes a new contact, and the old one is merged into that.")
                   .option("email", &CreateArgs::email, "Their address, which names them")
                   .option("name", &CreateArgs::name, "Full name")
                   .option("legal-name", &CreateArgs::legal_name, "Name on documents; the full name if absent")
                   .option("address", &CreateArgs::address, "Postal address on documents, in lines")
                   .option("country", &CreateArgs::country, "Country of that address")
                   .option("tax-id", &CreateArgs::tax_id, "Tax number on documents")
                   .option("billing-email", &CreateArgs::billing_email, "Where documents go; the address if absent")
                   .option("notes", &CreateArgs::notes, "What else is good to know")
                   .option("user", &CreateArgs::user, "Their own account")
                   .option("assigned-to", &CreateArgs::assigned_to, "Who looks after them: active staff")
                   .option("source", &CreateArgs::source, "How they came to be known; MANUAL or AGENT if absent")
                   .needs("contacts:write")
                   .also(handlers())
                   .example("steward contacts create --email books@lovelace.example --name 'Ada Byron' --legal-name "
                            "'Lovelace Ltd' --address '12 St James Square, London' --country GB --tax-id GB123456789")
                   .returns(kContactColumns)
                   .writes(create_contact));
  registry.add(ops::declare<UpdateArgs>("contacts.update", "Change what is known of a contact")
                   .details("Documents that were issued keep the identity that they were issued to.")
                   .positional("contact", &UpdateArgs::contact, "E-mail address, id, or unique tail of an id")
                   .option("name", &UpdateArgs::name, "Full name")
                   .option("legal-name", &UpdateArgs::legal_name, "Name on documents")
                   .option("address", &UpdateArgs::address, "Postal address on documents, in lines")
                   .option("country", &UpdateArgs::country, "Country of that address")
                   .option("tax-id", &UpdateArgs::tax_id, "Tax number on documents")
                   .option("billing-email", &UpdateArgs::billing_email, "Where documents go")
                   .option("notes", &UpdateArgs::notes, "What else is good to know")
                   .option("user", &UpdateArgs::user, "Their own account")
                   .option("assigned-to", &UpdateArgs::assigned_to, "Who looks after them: active staff")
                   .option("if-version", &UpdateArgs::if_version, "Only if the contact is still at this version")
                   .needs("contacts:write")
                   .also(handlers())
                   .example("steward contacts update ada@client.example --legal-name 'Lovelace Ltd' --country GB")
                   .returns(kContactColumns)
                   .writes(update_contact));
}

}  // namespace steward::contacts
