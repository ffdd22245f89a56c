#include <unordered_map>

#include "db/lookup.h"
#include "db/transfer.h"
#include "studio/contacts/rows.h"

namespace steward::contacts {
namespace {

// Whether more is to be done than to name the contact: it was merged, or has no full name yet.
constexpr auto kKnown = R"sql(
  SELECT c.id, CASE WHEN c.merged_into_id IS NULL AND c.full_name IS NOT NULL THEN 0 ELSE 1 END
    FROM contacts c WHERE c.email = $1
)sql";

/// The addresses of a batch, each once, with the name that came with it first.
class Addresses {
 public:
  explicit Addresses(std::span<const Person> people) {
    for (const auto& person : people) {
      const auto [at, fresh] = places_.try_emplace(person.email, all.size());
      if (fresh)
        all.push_back(person);
      else if (all[at->second].name.empty())
        all[at->second].name = person.name;
      place_of.push_back(at->second);
    }
  }
  std::vector<Person> all;
  std::vector<std::size_t> place_of;  ///< of each person

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
};

}  // namespace

void insert_contacts(ops::Context& context, Source source, std::span<NewContact> contacts) {
  if (contacts.empty()) return;
  const auto rows = db::bulk_insert(
      context.tx.connection(), "contacts",
      {"id", "email", "source", "status", "full_name", "user_id", "notes", "assigned_to", "legal_name", "address",
       "country", "tax_id", "billing_email", "created_by", "version", "created_at", "updated_at"});
  for (auto& contact : contacts) {
    contact.id = ContactId{context.new_id()};
    const auto& p = contact.profile;
    rows->add({contact.id, contact.email, source, Status::lead, p.full_name, p.user_id, p.notes, p.assigned_to,
               p.legal_name, p.address, p.country, p.tax_id, p.billing_email, context.actor.user_id, 1, context.now(),
               context.now()});
  }
  rows->finish();
  ops::HistoryRows history(context, kHistory);
  for (const auto& contact : contacts) history.add(contact.id.text, to_text(Status::lead));
  history.finish();
}

std::vector<ContactId> upsert_all(ops::Context& context, Source source, std::span<const Person> people) {
  const Addresses addresses(people);
  std::vector<ContactId> ids(addresses.all.size());
  std::vector<std::size_t> to_look_at;
  db::Questions questions(1);
  for (const auto& address : addresses.all) questions.add({address.email});
  db::ask_each(context.tx.connection(), kKnown, questions, [&](std::size_t asked, const db::Row& row) {
    ids[asked] = ContactId{row.str(0)};
    if (row.integer(1) != 0) to_look_at.push_back(asked);
  });
  for (const auto at : to_look_at)
    if (!addresses.all[at].name.empty())
      ids[at] = upsert_from_intake(context, addresses.all[at].email, addresses.all[at].name);
  std::vector<NewContact> fresh;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < ids.size(); ++at)
    if (ids[at].text.empty()) {
      auto& contact = fresh.emplace_back(NewContact{std::string(addresses.all[at].email), {}, {}});
      if (const auto name = addresses.all[at].name; !name.empty()) contact.profile.full_name = std::string(name);
      places.push_back(at);
    }
  insert_contacts(context, source, fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) ids[places[i]] = fresh[i].id;
  std::vector<ContactId> out;
  for (const auto place : addresses.place_of) out.push_back(ids[place]);
  return out;
}

}  // namespace steward::contacts
