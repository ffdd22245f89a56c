// What the schema does by itself, the same statements to both engines: SQLite's triggers and their twins refuse the
// same things in the same words.

#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "db/migrations.h"
#include "db/populated.h"
#include "support/postgres_session.h"

using namespace steward;
using test::id_of;
using test::PostgresSession;

namespace {

PostgresSession on_twins() {
  auto session = PostgresSession::in_scratch();
  for (const auto& migration : db::compiled_migrations(db::Engine::postgres))
    session.script(std::string(migration.sql));
  return session;
}

/// A studio with a deal that is neither paid nor refunded, one that is both, an invoice that was issued and a draft.
std::string world() {
  const auto stamp = "'2026-02-01T08:00:00.000Z'";
  const auto by = fmt::format("{}, NULL, 'operator:tester', NULL, 'r', 'test'", stamp);
  const std::string hash(64, 'a');
  std::string out = fmt::format(
      "INSERT INTO users (id, email, status, created_at, updated_at) VALUES ('{0}', 'a@x.example', 'ACTIVE', {2}, "
      "{2}), "
      "('{1}', 'b@x.example', 'ACTIVE', {2}, {2});"
      "INSERT INTO rates VALUES ('{0}', 'PROVIDER', 6000, '2020-01-01T00:00:00.000Z', {2}, NULL), "
      "('{1}', 'REFERRER', 400, '2020-01-01T00:00:00.000Z', {2}, NULL);"
      "INSERT INTO audit_heads VALUES ('behaviour', 2, '{3}');",
      id_of(1), id_of(2), stamp, hash);
  for (const int n : {1, 2})
    out += fmt::format(
        "INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, price_cents, currency, "
        "created_at, updated_at) VALUES ('{0}', 'sold-{1}', 'T', '', 'BOTH', 'ONLINE', 'ACTIVE', 100, 'EUR', {2}, {2}),"
        "('{3}', 'unsold-{1}', 'T', '', 'BOTH', 'ONLINE', 'ACTIVE', 100, 'EUR', {2}, {2});"
        "INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status, "
        "created_at, "
        "updated_at) VALUES ('{0}', 'TEAM', 'Bo', 'bo@x.example', 'g', '{4}', 'QUALIFIED', {2}, {2});"
        "INSERT INTO deals (id, intake_id, offer_slug, status, agreed_price_cents, agreed_currency, provider_rate_bp, "
        "referrer_rate_bp, provider_rate_id, referrer_rate_id, provider_user_id, maestro_user_id, approval_id, "
        "approved_at, created_at, updated_at) VALUES ('{0}', '{0}', 'sold-{1}', 'MAESTRO_APPROVED', 100, 'EUR', 6000, "
        "400, '{5}', '{6}', '{5}', '{6}', '{0}', {2}, {2}, {2});"
        "INSERT INTO deal_status_history VALUES ('{0}', '{0}', NULL, 'QUEUED', NULL, NULL, NULL, NULL, NULL, {7});",
        id_of(10 + n), n, stamp, id_of(20 + n), hash, id_of(1), id_of(2), by);
  out += fmt::format(
      "INSERT INTO invoices (id, number, client_email, amount_cents, currency, status, issue_date, due_date, "
      "issued_at, "
      "created_at, updated_at) VALUES "
      "('{0}', 'INV-1', 'bo@x.example', 100, 'EUR', 'ISSUED', '2026-02-01', '2026-02-15', {2}, {2}, {2}), "
      "('{1}', NULL, 'bo@x.example', 100, 'EUR', 'DRAFT', NULL, NULL, NULL, {2}, {2});"
      "INSERT INTO deal_payments (id, deal_id, provider, status, invoice_id, amount_cents, currency, paid_at, "
      "created_at, updated_at) VALUES ('{3}', '{4}', 'INVOICE', 'PAID', '{0}', 100, 'EUR', {2}, {2}, {2}), "
      "('{5}', '{4}', 'STRIPE', 'REFUNDED', NULL, 100, 'EUR', {2}, {2}, {2});",
      id_of(31), id_of(32), stamp, id_of(41), id_of(12), id_of(42));
  for (const int n : {1, 2})
    out += fmt::format(
        "INSERT INTO contacts (id, email, source, status, created_at, updated_at) VALUES ('{0}', 'c{1}@x.example', "
        "'FORM', 'LEAD', {2}, {2});"
        "INSERT INTO contact_status_history VALUES ('{0}', '{0}', NULL, 'LEAD', NULL, {3});",
        id_of(50 + n), n, stamp, by);
  out += fmt::format(
      "INSERT INTO contact_merges (id, from_contact_id, into_contact_id, reason, moved, filled, kept, merged_at, "
      "actor, "
      "request_id, operation, undone_at, undone_actor) VALUES "
      "('{0}', '{0}', '{1}', 'undone', '{{}}', '[]', '[]', {2}, 'a', 'r', 'o', {2}, 'a'), "
      "('{1}', '{0}', '{1}', 'open', '{{}}', '[]', '[]', {2}, 'a', 'r', 'o', NULL, NULL);"
      "INSERT INTO offer_packages (id, offer_id, name, scope, price_cents, currency, removed_at, created_at, "
      "updated_at) "
      "VALUES ('{0}', '{3}', 'On sale', 's', 100, 'EUR', NULL, {2}, {2}), "
      "('{1}', '{4}', 'Removed', 's', 100, 'EUR', {2}, {2}, {2});",
      id_of(51), id_of(52), stamp, id_of(22), id_of(21));
  return out;
}

std::string payment_in(const std::string& currency) {
  return fmt::format(
      "INSERT INTO payments (id, invoice_id, amount_cents, currency, status, paid_at, created_at, updated_at) VALUES "
      "('{0}', '{0}', 100, '{1}', 'RECORDED', {2}, {2}, {2})",
      id_of(31), currency, "'2026-02-02T08:00:00.000Z'");
}

struct Rule {
  std::string statement;
  std::string message;  ///< "" where the statement is right
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"UPDATE deal_status_history SET note = 'x'", "append_only: deal_status_history"},
      {"DELETE FROM deal_status_history", "append_only: deal_status_history"},
      {"UPDATE audit_heads SET seq = 1 WHERE chain = 'behaviour'", "append_only: audit_heads"},
      {"UPDATE audit_heads SET seq = 3 WHERE chain = 'behaviour'", ""},
      {"UPDATE invoices SET amount_cents = 1 WHERE number IS NOT NULL", "immutable: invoices"},
      {"UPDATE invoices SET due_date = NULL WHERE number IS NOT NULL", "immutable: invoices"},
      {"UPDATE invoices SET amount_cents = 1 WHERE number IS NULL", ""},
      {"UPDATE invoices SET status = 'PAID' WHERE number IS NOT NULL", "paid_mismatch: invoices"},
      {"UPDATE invoices SET status = 'DRAFT' WHERE number IS NOT NULL", "final: invoices"},
      {"DELETE FROM invoices", "no_delete: invoices"},
      {"UPDATE offers SET currency = 'USD' WHERE slug = 'sold-1'", "immutable: offers"},
      {"UPDATE offers SET currency = 'EUR' WHERE slug = 'sold-1'", ""},
      {"UPDATE offers SET currency = 'USD' WHERE slug = 'unsold-1'", ""},
      {"UPDATE offers SET currency = 'USD' WHERE slug = 'unsold-2'", "immutable: offers"},
      {"DELETE FROM contacts", "no_delete: contacts"},
      {"UPDATE contact_status_history SET note = 'x'", "append_only: contact_status_history"},
      {"DELETE FROM contact_merges", "no_delete: contact_merges"},
      {"UPDATE contact_merges SET filled = '[1]' WHERE reason = 'open'", "immutable: contact_merges"},
      {"UPDATE contact_merges SET undone_note = 'x' WHERE reason = 'undone'", "immutable: contact_merges"},
      {"UPDATE contact_merges SET undone_at = '2026-02-02T08:00:00.000Z', undone_actor = 'b' WHERE reason = 'open'",
       ""},
      {"UPDATE deals SET agreed_price_cents = 1", "immutable: deals"},
      {"UPDATE deals SET status = 'PAID' WHERE offer_slug = 'sold-1'", "unpaid: deals"},
      {"UPDATE deals SET status = 'PAID' WHERE offer_slug = 'sold-2'", ""},
      {"UPDATE deals SET status = 'REFUNDED' WHERE offer_slug = 'sold-1'", "not_refunded: deals"},
      {"UPDATE deals SET status = 'REFUNDED' WHERE offer_slug = 'sold-2'", ""},
      {payment_in("USD"), "currency_mismatch: payments"},
      {payment_in("EUR"), ""},
  };
  return all;
}

/// The rule's words, out of the sentence that the engine makes of them.
std::string sqlite_refusal(const test::Sandbox& box, const std::string& statement) {
  try {
    box.sql("BEGIN; " + statement + "; ROLLBACK");
  } catch (const Error& error) {
    const std::string sentence = error.what();
    const auto from = sentence.find(" '") + 2;
    return sentence.substr(from, sentence.rfind('\'') - from);
  }
  return "";
}

/// The table that the engine makes for a dry run, and the switch.
void capture(PostgresSession& session) {
  session.script(
      "CREATE TEMPORARY TABLE steward_changes (seq bigint GENERATED ALWAYS AS IDENTITY, tab text, op text, old jsonb, "
      "new jsonb) ON COMMIT DROP; SELECT set_config('steward.capture', 'on', true)");
}

constexpr auto kCaptured = "SELECT tab, op, old ->> 'next', new ->> 'next' FROM steward_changes ORDER BY seq";
using Rows = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("the database refuses the same on SQLite and on PostgreSQL, in the same words", "[db][twins]") {
  test::Sandbox box;
  box.sql(world());
  auto session = on_twins();
  session.script(world());
  for (const auto& rule : rules()) {
    CAPTURE(rule.statement);
    CHECK(sqlite_refusal(box, rule.statement) == rule.message);
    CHECK(session.refusal(rule.statement) == rule.message);
  }
}

TEST_CASE("what is append-only or never deleted can't be emptied at once either", "[db][twins]") {
  auto session = on_twins();
  CHECK(session.refusal("TRUNCATE payout_entries") == "append_only: payout_entries");
  CHECK(session.refusal("TRUNCATE invoice_parties") == "no_delete: invoice_parties");
  CHECK(session.refusal("TRUNCATE invoices CASCADE") != "");
  CHECK(session.refusal("TRUNCATE auth_failures") == "");
}

TEST_CASE("the dry run's capture writes down inserts, updates and deletes of any table, in order", "[db][twins]") {
  auto session = on_twins();
  session.script("INSERT INTO document_counters VALUES ('PRO', 2026, 9)");  // off: no table is needed
  capture(session);
  session.script(
      "INSERT INTO document_counters VALUES ('INV', 2026, 1);"
      "UPDATE document_counters SET next = next + 1;"
      "DELETE FROM document_counters WHERE series = 'INV';"
      "INSERT INTO document_counters VALUES ('INV', 2026, 5) ON CONFLICT (series, year) DO UPDATE SET next = 6;"
      "INSERT INTO document_counters VALUES ('INV', 2026, 5) ON CONFLICT (series, year) DO UPDATE SET next = 6");
  CHECK(session.rows(kCaptured) == Rows{{"document_counters", "insert", "", "1"},
                                        {"document_counters", "update", "9", "10"},
                                        {"document_counters", "update", "1", "2"},
                                        {"document_counters", "delete", "2", ""},
                                        {"document_counters", "insert", "", "5"},
                                        {"document_counters", "update", "5", "6"}});
  CHECK(session.rows("SELECT old IS NULL, new IS NULL FROM steward_changes WHERE op <> 'update' LIMIT 2") ==
        Rows{{"t", "f"}, {"f", "t"}});
}

TEST_CASE("capture ends with its transaction, and a session may capture again", "[db][twins]") {
  auto& server = test::Postgres::server();
  const auto database = server.create();
  {
    PostgresSession own(server.url(database));
    for (const auto& migration : db::compiled_migrations(db::Engine::postgres))
      own.script("BEGIN; " + std::string(migration.sql) + "; COMMIT");
    for (int round = 0; round < 2; ++round) {
      own.script("BEGIN");
      capture(own);
      own.script("INSERT INTO document_counters VALUES ('INV', 2026, 1)");
      CHECK(own.rows(kCaptured) == Rows{{"document_counters", "insert", "", "1"}});
      own.script("ROLLBACK");
    }
    own.script("INSERT INTO document_counters VALUES ('INV', 2026, 1)");
    CHECK(own.rows("SELECT next FROM document_counters") == Rows{{"1"}});
  }
  server.drop(database);
}
