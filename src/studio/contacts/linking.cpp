#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/contacts/operations.h"

namespace steward::contacts {
namespace {

constexpr ops::Column kLinkColumns[] = {
    {.name = "contacts", .kind = ops::Kind::integer, .help = "Contacts that the inquiries went to"},
    {.name = "intakes", .kind = ops::Kind::integer, .help = "Inquiries that have their contact now"},
};

// Inquiries from before there were contacts (migration 0012) have none: ids are made by the program, not by SQL.
ops::Change link_intake(ops::Context& context, const ops::NoArgs&) {
  std::int64_t contacts = 0, intakes = 0;
  for (const auto& [email, name] : unlinked_addresses(context.tx)) {
    intakes += link_intakes(context.tx, upsert_from_intake(context, email, name), email);
    ++contacts;
  }
  const Json data{{"contacts", contacts}, {"intakes", intakes}};
  if (intakes == 0) return ops::Change::none("contacts", "link-intake", "Every inquiry has its contact.", data);
  ops::Change change;
  change.target_type = "contacts";
  change.target_id = "link-intake";
  change.sentence = fmt::format("Linked {} to {}.", count_of(static_cast<std::size_t>(intakes), "inquiry", "inquiries"),
                                count_of(static_cast<std::size_t>(contacts), "contact"));
  change.data = change.metadata = data;
  change.next = "steward contacts list --status LEAD";
  return change;
}

}  // namespace

void register_linking(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("contacts.link-intake", "Give inquiries without a contact theirs")
                   .details("Those from before there were contacts: each goes to the contact with its address, who is "
                            "made when there is none.")
                   .needs("contacts:write")
                   .also(handlers())
                   .example("steward contacts link-intake")
                   .returns(kLinkColumns)
                   .writes(link_intake));
}

}  // namespace steward::contacts
