#include "studio/contacts/rows.h"

#include <fmt/format.h>

#include "core/error.h"
#include "db/lookup.h"

namespace steward::contacts {
namespace {

using ops::Kind;
using ops::Shown;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "c.id", .shown = Shown::record},
    {.name = "email", .sql = "c.email"},
    {.name = "full_name", .sql = "c.full_name"},
    {.name = "status", .sql = "c.status"},
    {.name = "source", .sql = "c.source"},
    {.name = "legal_name", .sql = "c.legal_name"},
    {.name = "address", .sql = "c.address", .shown = Shown::record},
    {.name = "country", .sql = "c.country"},
    {.name = "tax_id", .sql = "c.tax_id", .shown = Shown::record},
    {.name = "billing_email", .sql = "c.billing_email", .shown = Shown::record},
    {.name = "user_id", .sql = "c.user_id", .shown = Shown::record},
    {.name = "user_email", .sql = "u.email", .shown = Shown::record},
    {.name = "assigned_to", .sql = "c.assigned_to", .shown = Shown::record},
    {.name = "assigned_to_email", .sql = "a.email"},
    {.name = "notes", .sql = "c.notes", .shown = Shown::record},
    {.name = "merged_into_id", .sql = "c.merged_into_id", .shown = Shown::record},
    {.name = "merged_into_email", .sql = "m.email", .shown = Shown::record},
    {.name = "version", .sql = "c.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "c.created_at", .kind = Kind::instant},
    {.name = "updated_at", .sql = "c.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

constexpr ops::Column kIntakeColumns[] = {
    {.name = "id", .sql = "i.id"},
    {.name = "status", .sql = "i.status"},
    {.name = "contact_email", .sql = "i.contact_email"},
    {.name = "offer_slug", .sql = "i.offer_slug"},
    {.name = "created_at", .sql = "i.created_at", .kind = Kind::instant},
};

constexpr auto kFind = R"sql(
  SELECT id, email, status, source, merged_into_id, version, full_name, user_id, notes, assigned_to, legal_name, address,
         country, tax_id, billing_email
    FROM contacts WHERE id = $1
)sql";
constexpr auto kFindByEmail = R"sql(
  SELECT c.id, c.email, c.status, c.source, c.merged_into_id, c.version, c.full_name, c.user_id, c.notes, c.assigned_to,
         c.legal_name, c.address, c.country, c.tax_id, c.billing_email
    FROM contacts c WHERE c.email = $1
)sql";
constexpr auto kUnlinkedOf =
    "SELECT i.id FROM intake_requests i WHERE i.contact_email = $1 AND i.contact_id IS NULL LIMIT 1";
constexpr auto kIdOfEmail = "SELECT id FROM contacts WHERE email = $1";
constexpr auto kIdOfUser = "SELECT id FROM contacts WHERE user_id = $1 AND merged_into_id IS NULL";
constexpr auto kInsert = R"sql(
  INSERT INTO contacts (id, email, source, status, full_name, user_id, notes, assigned_to, legal_name, address, country,
                        tax_id, billing_email, created_by, version, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $15)
)sql";
constexpr auto kStoreProfile = R"sql(
  UPDATE contacts SET full_name = $3, user_id = $4, notes = $5, assigned_to = $6, legal_name = $7, address = $8,
         country = $9, tax_id = $10, billing_email = $11, version = version + 1, updated_at = $12
   WHERE id = $1 AND version = $2
)sql";
constexpr auto kStoreStatus = R"sql(
  UPDATE contacts SET status = $4, version = version + 1, updated_at = $5
   WHERE id = $1 AND version = $2 AND status = $3
)sql";
// What an inquiry needs to know of its contact: the way of a million of them.
constexpr auto kKnown = R"sql(
  SELECT id, CASE WHEN full_name IS NULL OR merged_into_id IS NOT NULL THEN 1 ELSE 0 END FROM contacts WHERE email = $1
)sql";
constexpr auto kLinkIntakes = R"sql(
  UPDATE intake_requests SET contact_id = $1, version = version + 1, updated_at = $3
   WHERE contact_email = $2 AND contact_id IS NULL
)sql";
constexpr auto kUnlinked = R"sql(
  SELECT i.contact_email, i.contact_name FROM intake_requests i
   WHERE i.contact_id IS NULL AND NOT EXISTS (SELECT 1 FROM intake_requests o
           WHERE o.contact_email = i.contact_email AND o.contact_id IS NULL AND o.id < i.id)
   ORDER BY i.id
)sql";

Contact contact_of(const db::Row& row) {
  Contact out{{row.str(0)}, row.str(1), row.choice<Status>(2), row.choice<Source>(3), {}, {}, row.integer(5)};
  if (!row.is_null(4)) out.merged_into = ContactId{row.str(4)};
  for (int column = 6; const auto& field : fields()) out.profile.*field.member = row.maybe_text(column++);
  return out;
}

void require_one(std::int64_t rows, const Contact& contact) {
  if (rows == 1) return;
  refuse_conflict("stale_version", fmt::format("Somebody changed contact {} first.", contact.email),
                  "Read it again, then retry.");
}

}  // namespace

const std::span<const ops::Column> kContactColumns = kColumns;

ops::Listing contact_listing() {
  ops::Listing listing(kColumns,
                       "contacts c LEFT JOIN users u ON u.id = c.user_id LEFT JOIN users a ON a.id = c.assigned_to"
                       " LEFT JOIN contacts m ON m.id = c.merged_into_id");
  listing.key("c.id");
  return listing;
}

Json contact_record(db::Tx& tx, const ContactId& id) { return contact_listing().where("c.id = {}", {id}).record(tx); }

Json intakes_of(db::Tx& tx, const ContactId& id) {
  ops::Listing listing(kIntakeColumns, "intake_requests i");
  return listing.where("i.contact_id = {}", {id}).key("i.id", false).records(tx);
}

Contact find_contact(db::Tx& tx, const ContactId& id) {
  if (auto found = tx.first(kFind, {id}, contact_of)) return std::move(*found);
  throw Error{ErrorKind::not_found, "not_found", fmt::format("There is no contact '{}'.", id.text)}.at("contact");
}

Contact find_contact(db::Tx& tx, const ContactRef& ref, std::string_view field) {
  return find_contact(tx, ops::resolve(tx, ref, field));
}

std::optional<Contact> find_contact_by_email(db::Tx& tx, std::string_view email) {
  const auto id = tx.text(kIdOfEmail, {email});
  return id ? std::optional(find_contact(tx, ContactId{*id})) : std::nullopt;
}

Contact survivor_of(db::Tx& tx, Contact contact) {
  while (contact.merged_into) contact = find_contact(tx, ContactId{*contact.merged_into});
  return contact;
}

std::optional<Contact> find_contact_of_user(db::Tx& tx, std::string_view user_id) {
  const auto id = tx.text(kIdOfUser, {user_id});
  return id ? std::optional(find_contact(tx, ContactId{*id})) : std::nullopt;
}

ContactId insert_contact(ops::Context& context, std::string_view email, Source source, const Profile& p) {
  ContactId id{context.new_id()};
  context.tx.post(kInsert,
                  {id, email, source, Status::lead, p.full_name, p.user_id, p.notes, p.assigned_to, p.legal_name,
                   p.address, p.country, p.tax_id, p.billing_email, context.actor.user_id, context.now()});
  ops::record_history(context, kHistory, id.text, {}, to_text(Status::lead));
  return id;
}

void store_profile(db::Tx& tx, const Contact& contact, const Profile& p) {
  require_one(tx.exec(kStoreProfile, {contact.id, contact.version, p.full_name, p.user_id, p.notes, p.assigned_to,
                                      p.legal_name, p.address, p.country, p.tax_id, p.billing_email, tx.now()}),
              contact);
}

void each_contact_of(db::Tx& tx, std::span<const std::string> emails,
                     const std::function<void(std::size_t address, Contact)>& found) {
  db::Questions questions(1);
  for (const auto& email : emails) questions.add({email});
  db::ask_each(tx.connection(), kFindByEmail, questions,
               [&](std::size_t asked, const db::Row& row) { found(asked, contact_of(row)); });
}

void post_profile(db::Tx& tx, const Contact& contact, const Profile& p) {
  tx.post(kStoreProfile, {contact.id, contact.version, p.full_name, p.user_id, p.notes, p.assigned_to, p.legal_name,
                          p.address, p.country, p.tax_id, p.billing_email, tx.now()});
}

void link_intakes_of(db::Tx& tx, std::span<const NewContact> contacts) {
  db::Questions questions(1);
  for (const auto& contact : contacts) questions.add({contact.email});
  std::vector<std::size_t> wrote_before;
  db::ask_each(tx.connection(), kUnlinkedOf, questions,
               [&](std::size_t asked, const db::Row&) { wrote_before.push_back(asked); });
  for (const auto at : wrote_before) link_intakes(tx, contacts[at].id, contacts[at].email);
}

void store_status(db::Tx& tx, const Contact& contact, Status to) {
  require_one(tx.exec(kStoreStatus, {contact.id, contact.version, contact.status, to, tx.now()}), contact);
}

std::int64_t link_intakes(db::Tx& tx, const ContactId& contact, std::string_view email) {
  return tx.exec(kLinkIntakes, {contact, email, tx.now()});
}

std::vector<Unlinked> unlinked_addresses(db::Tx& tx) {
  return tx.all(kUnlinked, {}, [](const db::Row& row) { return Unlinked{row.str(0), row.str(1)}; });
}

ContactId upsert_from_intake(ops::Context& context, std::string_view email, std::string_view name) {
  auto known = context.tx.first(
      kKnown, {email}, [](const db::Row& row) { return std::pair(ContactId{row.str(0)}, row.integer(1) != 0); });
  if (!known) {
    Profile profile;
    profile.full_name = std::string(name);
    return insert_contact(context, email, Source::form, profile);
  }
  if (!known->second) return std::move(known->first);
  const auto contact = survivor_of(context.tx, find_contact(context.tx, known->first));
  if (!contact.profile.full_name) {
    auto profile = contact.profile;
    profile.full_name = std::string(name);
    store_profile(context.tx, contact, profile);
  }
  return contact.id;
}

}  // namespace steward::contacts
