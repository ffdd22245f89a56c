#include "rooms.h"

#include "cli/commands.h"
#include "studio/agenda/agenda.h"
#include "studio/approvals/approvals.h"
#include "studio/audit/audit.h"
#include "studio/books/books.h"
#include "studio/contacts/contacts.h"
#include "studio/deals/deals.h"
#include "studio/identity/identity.h"
#include "studio/intake/intake.h"
#include "studio/invoices/invoices.h"
#include "studio/ledger/ledger.h"
#include "studio/offers/offers.h"
#include "studio/payments/payments.h"
#include "studio/proposals/proposals.h"
#include "studio/rates/rates.h"
#include "studio/settings/settings.h"
#include "studio/taxes/taxes.h"
#include "system/about/about.h"
#include "system/database/database.h"
#include "system/demo/demo.h"
#include "system/doctor/doctor.h"
#include "system/init/init.h"
#include "system/keys/keys.h"

namespace steward {
namespace {

void register_deals(ops::Registry& registry) {
  deals::register_operations(registry);
  payments::register_deal_refund(registry);
}

void register_invoices(ops::Registry& registry) {
  invoices::register_operations(registry);
  payments::register_historical(registry);
}

void register_ledger(ops::Registry& registry) {
  ledger::register_operations(registry);
  books::register_ledger_export(registry);
}

// {group, singular alias, sentence, register function[, single command]}: one line a room.
constexpr ops::Room kRooms[] = {
    {"init", "", "Make the database, or say how it stands.", &init::register_operations, true},
    {"status", "", "What waits for a decision (bare steward does the same).", &agenda::register_operations, true},
    {"users", "user", "People, their roles and whether they may act.", &identity::register_users},
    {"tokens", "token", "Keys for people, agents and jobs.", &identity::register_tokens},
    {"audit", "", "What was done, by whom, and the proof that it was.", &audit::register_operations},
    {"settings", "setting", "What the studio is called, and how it works.", &settings::register_operations},
    {"approvals", "approval", "Calls that wait for a person to approve them.", &approvals::register_operations},
    {"offers", "offer", "What the studio sells, and for how much.", &offers::register_operations},
    {"intake", "", "What people ask for, from the first message to a booking.", &intake::register_operations},
    {"contacts", "contact", "Whom the studio deals with, and whom documents are made out to.",
     &contacts::register_operations},
    {"proposals", "proposal", "What is offered to a client, and the answer.", &proposals::register_operations},
    {"invoices", "invoice", "What clients are asked to pay.", &register_invoices},
    {"payments", "payment", "Money that came for invoices.", &payments::register_operations},
    {"taxes", "tax", "The taxes that documents state, from which dates on.", &taxes::register_operations},
    {"rates", "rate", "The shares in which a deal's money is split.", &rates::register_operations},
    {"deals", "deal", "What was agreed with a client, from assignment to delivery.", &register_deals},
    {"ledger", "", "Who earned what, what is owed, and what was paid out.", &register_ledger},
    {"books", "", "The books for an accountant: journals, and closed periods.", &books::register_operations},
    {"db", "", "The database: migrations, checks, backups and restores.", &database::register_operations},
    {"keys", "key", "The key file that encrypts sensitive fields.", &keys::register_operations},
    {"doctor", "", "How this installation stands.", &doctor::register_operations, true},
    {"demo", "", "A scratch database with a realistic season.", &demo::register_operations, true},
    {"config", "", "What steward was told, and where.", &about::register_config},
    {"explain", "", "What an error code means and what to do.", &about::register_explain, true},
    {"version", "", "The version of steward and of its schema.", &about::register_version, true},
    {"completion", "", "Print the completion script of a shell.", &cli::register_completion, true},
    {"man", "", "Print or write the manual pages.", &cli::register_man, true},
};

}  // namespace

std::span<const ops::Room> rooms() { return kRooms; }

}  // namespace steward
