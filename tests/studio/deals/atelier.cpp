#include "studio/deals/atelier.h"

#include <fmt/format.h>

#include "ops/declare.h"
#include "ops/run.h"

namespace steward::test {
namespace {

constexpr std::string_view kThen = "2026-01-10T09:00:00.000Z";

struct InvoiceArgs {
  ops::Text<40> invoice;
};

ops::Change told(std::string_view invoice, Json data) {
  ops::Change change;
  change.target_type = "invoice";
  change.target_id = invoice;
  change.sentence = "Told.";
  change.metadata = data;
  change.data = std::move(data);
  return change;
}

ops::Change record(ops::Context& context, const InvoiceArgs& args) {
  const auto paid = context.tx.first(
      "SELECT deal_id, amount_cents, currency, paid_at FROM invoices WHERE id = $1", {args.invoice.value},
      [&](const db::Row& row) {
        return deals::InvoicePayment{
            {row.str(0)}, args.invoice.value, {row.integer(1), Currency::parse(row.text(2))}, row.instant(3)};
      });
  return told(args.invoice.value, deals::record_invoice_payment(context, paid.value()));
}

ops::Change undo(ops::Context& context, const InvoiceArgs& args) {
  return told(args.invoice.value, deals::undo_invoice_payment(context, args.invoice.value));
}

// The front door's two functions as operations, so that they run in a real transaction with a real audit row.
Json through(const Sandbox& box, const std::string& invoice,
             ops::Change (*handler)(ops::Context&, const InvoiceArgs&)) {
  const auto operation = ops::declare<InvoiceArgs>("payments.test", "Tell a deal of its money")
                             .positional("invoice", &InvoiceArgs::invoice, "An id")
                             .writes(handler);
  ops::Request request;
  request.operation = &operation;
  request.raw = {{"invoice", {invoice}}};
  request.request_id = new_uuid(box.now().ms);
  return ops::run(box.house(), request, nullptr).data;
}

}  // namespace

Atelier::Atelier()
    : admin(user("ada@atelier.example", {"ADMIN"})),
      other_admin(user("otto@atelier.example", {"ADMIN"})),
      ines(user("ines@atelier.example", {"MAESTRO"})),
      takumi(user("takumi@atelier.example", {"MAESTRO"})),
      noor(user("noor@atelier.example", {"ASSOCIATE"})),
      pavel(user("pavel@atelier.example", {"APPRENTICE"})),
      lucia(user("lucia@atelier.example", {"AFFILIATE"})),
      client(user("client@atelier.example", {"CLIENT"})) {
  offer("workshop", 250'000, "EUR");
}

void Atelier::offer(std::string_view slug, std::int64_t cents, std::string_view currency) {
  sql(fmt::format(
      "INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, price_cents, currency,"
      " created_at, updated_at) VALUES ('{}', '{}', 'Title', 'Summary', 'BOTH', 'HYBRID', 'ACTIVE', {}, '{}', '{}', "
      "'{}')",
      new_uuid(now().ms), slug, cents, currency, kThen, kThen));
}

std::string Atelier::intake(std::string_view status, const std::optional<std::string>& offer_slug,
                            const std::optional<std::string>& referrer) {
  const auto id = new_uuid(now().ms);
  const auto quoted = [](const std::optional<std::string>& text) { return text ? "'" + *text + "'" : "NULL"; };
  sql(
      fmt::format("INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status,"
                  " offer_slug, referrer_user_id, created_at, updated_at) VALUES ('{}', 'INDIVIDUAL', 'Kim Client',"
                  " 'kim-{}@clients.example', 'Learn', '{:0>64}', '{}', {}, {}, '{}', '{}')",
                  id, id.substr(28), "", status, quoted(offer_slug), quoted(referrer), kThen, kThen));
  return id;
}

std::string Atelier::queued(bool referred, const std::string& offer_slug) {
  const auto of = intake("QUALIFIED", offer_slug, referred ? std::optional(lucia) : std::nullopt);
  return data("deals.create", {{"intake", {of}}}).at("id").text();
}

std::string Atelier::assigned(bool referred, const std::string& offer_slug) {
  const auto deal = queued(referred, offer_slug);
  run("deals.assign", {{"deal", {deal}}, {"provider", {noor}}, {"maestro", {ines}}});
  return deal;
}

std::string Atelier::approved(bool referred, const std::string& offer_slug) {
  const auto deal = assigned(referred, offer_slug);
  run("deals.approve", {{"deal", {deal}}});
  return deal;
}

std::string Atelier::paid(std::int64_t cents, bool referred, const std::string& offer_slug) {
  const auto deal = approved(referred, offer_slug);
  pay(deal, cents);
  return deal;
}

std::string Atelier::started(std::int64_t cents, bool referred, const std::string& offer_slug) {
  const auto deal = paid(cents, referred, offer_slug);
  run("deals.start", {{"deal", {deal}}});
  return deal;
}

std::string Atelier::delivered(std::int64_t cents, bool referred, const std::string& offer_slug) {
  const auto deal = started(cents, referred, offer_slug);
  run("deals.deliver", {{"deal", {deal}}});
  return deal;
}

std::string Atelier::invoice(const std::string& deal, std::int64_t cents, std::string_view currency) {
  const auto id = new_uuid(now().ms), at = to_text(now());
  sql(fmt::format(
      "INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, paid_cents, deal_id,"
      " issue_date, due_date, issued_at, paid_at, created_at, updated_at) VALUES ('{0}', 'INV-{1}', "
      "'kim@clients.example',"
      " {2}, '{3}', 'PAID', {2}, '{4}', '2026-01-10', '2026-02-09', '{5}', '{5}', '{5}', '{5}');"
      "INSERT INTO payments (id, invoice_id, amount_cents, currency, status, paid_at, created_at, updated_at)"
      " VALUES ('{6}', '{0}', {2}, '{3}', 'RECORDED', '{5}', '{5}', '{5}')",
      id, id.substr(24), cents, currency, deal, at, new_uuid(now().ms)));
  return id;
}

Json Atelier::hand_over(const std::string& invoice) { return through(*this, invoice, record); }

Json Atelier::take_back(const std::string& invoice) {
  sql(
      fmt::format("UPDATE payments SET status = 'REVERSED', reversed_at = '{1}' WHERE invoice_id = '{0}';"
                  "UPDATE invoices SET status = 'ISSUED', paid_cents = 0, paid_at = NULL WHERE id = '{0}'",
                  invoice, to_text(now())));
  return through(*this, invoice, undo);
}

std::string Atelier::pay(const std::string& deal, std::int64_t cents) {
  const auto id = invoice(deal, cents, value(fmt::format("SELECT agreed_currency FROM deals WHERE id = '{}'", deal)));
  hand_over(id);
  return id;
}

std::string Atelier::status(const std::string& deal) const {
  return value(fmt::format("SELECT status FROM deals WHERE id = '{}'", deal));
}

std::string Atelier::entry(const std::string& deal, std::string_view type) const {
  return value(fmt::format(
      "SELECT id FROM ledger_entries WHERE deal_id = '{}' AND entry_type = '{}' AND status <> 'VOID'", deal, type));
}

std::string Atelier::entry_status(const std::string& entry) const {
  return value(fmt::format("SELECT status FROM ledger_entries WHERE id = '{}'", entry));
}

std::string Atelier::entries(const std::string& deal) const {
  std::string out;
  for (const auto& row : rows(fmt::format("SELECT entry_type, amount_cents FROM ledger_entries WHERE deal_id = '{}' AND"
                                          " status <> 'VOID' ORDER BY id",
                                          deal)))
    out += (out.empty() ? "" : ", ") + row[0] + " " + row[1];
  return out;
}

std::string Atelier::approved_entry(const std::string& deal, std::string_view type) {
  const auto id = entry(deal, type);
  run("ledger.approve", {{"entry", {id}}});
  return id;
}

Call Atelier::as(const std::string& user_id, const std::vector<std::string>& scopes) {
  Call call;
  call.token = token(scopes, "PERSON", user_id);
  return call;
}

}  // namespace steward::test
