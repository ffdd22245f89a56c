#include <unordered_map>

#include "ops/import.h"
#include "studio/contacts/operations.h"

namespace steward::contacts {
namespace {

struct Row : Profile {
  std::string email;
};

template <auto Member, class Argument>
constexpr auto take = &ops::take<Member, Argument, Row>;

constexpr ops::ImportField<Row> kFields[] = {
    {"email", true, take<&Row::email, ops::Email>},
    {"full_name", false, take<&Row::full_name, Name>},
    {"legal_name", false, take<&Row::legal_name, LegalName>},
    {"address", false, take<&Row::address, Address>},
    {"country", false, take<&Row::country, ops::Country>},
    {"tax_id", false, take<&Row::tax_id, TaxId>},
    {"billing_email", false, take<&Row::billing_email, ops::Email>},
    {"notes", false, take<&Row::notes, Notes>},
};

class Contacts final : public ops::Importer<Row> {
 public:
  explicit Contacts(ops::Context& context) : context_(context) {}

  // A line fills what is empty, as merging does, so that the same file again changes nothing, and undoes nothing that
  // was changed since.
  void decide(std::span<Line> batch) override {
    read(batch);
    for (auto& line : batch) {
      auto& entry = entries_.at(line.record.email);
      const auto plan = plan_merge(line.record, entry.profile);
      const bool stands_still = entry.known && entry.known->merged_into;
      if (!entry.seen)
        line.fate = ops::Fate::created;
      else
        line.fate = stands_still || plan.result == entry.profile ? ops::Fate::unchanged : ops::Fate::updated;
      if (!stands_still) entry.profile = entry.seen ? plan.result : line.record;
      entry.seen = true;
    }
  }

  void keep(std::span<Line> batch) override {
    std::vector<NewContact> fresh;
    for (const auto& line : batch) {
      const auto at = entries_.find(line.record.email);
      if (at == entries_.end()) continue;  // a second line of the same address
      auto& entry = at->second;
      if (!entry.known)
        fresh.push_back({line.record.email, std::move(entry.profile)});
      else if (entry.profile != entry.known->profile)
        post_profile(context_.tx, *entry.known, entry.profile);
      entries_.erase(at);
    }
    insert_contacts(context_, Source::import, fresh);
    link_intakes_of(context_.tx, fresh);
  }

  std::string name_of(const Row& row) override { return row.email; }

 private:
  /// A contact as it is after the lines that were looked at.
  struct Entry {
    Profile profile;
    std::optional<Contact> known;  ///< as the database has it
    bool seen = false;             ///< there already, or since an earlier line
  };

  void read(std::span<const Line> batch) {
    entries_.clear();
    std::vector<std::string> emails;
    for (const auto& line : batch)
      if (entries_.try_emplace(line.record.email).second) emails.push_back(line.record.email);
    each_contact_of(context_.tx, emails, [&](std::size_t at, Contact contact) {
      auto& entry = entries_.at(emails[at]);
      entry.profile = contact.profile;
      entry.known = std::move(contact);
      entry.seen = true;
    });
  }

  ops::Context& context_;
  std::unordered_map<std::string, Entry> entries_;  ///< of the batch, by address
};

ops::Change import_contacts(ops::Context& context, const ops::ImportArgs& args) {
  Contacts contacts(context);
  auto change = ops::import_file<Row>(context, args, {"contact_import", "contact", "contacts"}, kFields, contacts);
  if (change.changed) change.next = "steward contacts list --status LEAD";
  return change;
}

}  // namespace

void register_import(ops::Registry& registry) {
  registry.add(
      ops::declare_import<ops::ImportArgs>("contacts.import", "Take in contacts from a file of CSV or JSON lines")
          .details("CSV with a header row, or one JSON object a line: email, and if there are any full_name, "
                   "legal_name, address, country, tax_id, billing_email, notes. Who is new becomes a LEAD with "
                   "source IMPORT. Who is known has what is empty filled, the billing identity whole or not "
                   "at all, and keeps what there is; a contact that was merged stands still.")
          .needs("contacts:write")
          .also(handlers())
          .example("steward contacts import --file contacts.csv --map Mail=email")
          .returns(ops::kImportColumns)
          .writes(import_contacts));
}

}  // namespace steward::contacts
