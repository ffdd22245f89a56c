#pragma once
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "core/id.h"
#include "support/sandbox.h"

// The documents that tests of proposals, invoices and payments begin with.
namespace steward::test {

inline const std::string kClient = "ada@client.example";

inline std::string text(const Json& record, std::string_view name) { return record.at(name).text(); }
inline std::int64_t number(const Json& record, std::string_view name) { return record.at(name).integer(); }

/// A draft proposal; its id.
inline std::string draft_proposal(Sandbox& box, const std::string& amount = "100.00",
                                  const std::string& currency = "EUR") {
  return text(box.data("proposals.create", {{"title", {"Two days on site"}},
                                            {"amount", {amount}},
                                            {"currency", {currency}},
                                            {"client-email", {kClient}}}),
              "id");
}

/// A proposal that was sent; its number.
inline std::string sent_proposal(Sandbox& box, const std::string& amount = "100.00",
                                 const std::string& currency = "EUR") {
  return text(box.data("proposals.send", {{"proposal", {draft_proposal(box, amount, currency)}}}), "number");
}

inline std::string accepted_proposal(Sandbox& box, const std::string& amount = "100.00",
                                     const std::string& currency = "EUR") {
  const auto number = sent_proposal(box, amount, currency);
  box.run("proposals.accept", {{"proposal", {number}}});
  return number;
}

/// A draft invoice of its own; its id.
inline std::string draft_invoice(Sandbox& box, const std::string& amount = "100.00",
                                 const std::string& currency = "EUR") {
  return text(
      box.data("invoices.create", {{"client-email", {kClient}}, {"amount", {amount}}, {"currency", {currency}}}), "id");
}

/// An invoice that was issued today; its number.
inline std::string issued_invoice(Sandbox& box, const std::string& amount = "100.00",
                                  const std::string& currency = "EUR") {
  return text(box.data("invoices.issue", {{"invoice", {draft_invoice(box, amount, currency)}}}), "number");
}

/// Records money on an invoice; the payment's id.
inline std::string pay(Sandbox& box, const std::string& invoice, const std::string& amount) {
  return text(box.data("payments.record", {{"invoice", {invoice}}, {"amount", {amount}}}), "id");
}

inline Json invoice(Sandbox& box, const std::string& handle) {
  return box.data("invoices.show", {{"invoice", {handle}}});
}

/// The statuses that a record went through, in order: "DRAFT ISSUED PAID".
inline std::string path_of(const Json& record) {
  std::string out;
  for (const auto& step : record.at("history").items()) out += (out.empty() ? "" : " ") + text(step, "to_status");
  return out;
}

/// An inquiry as it lies in the database; its id.
inline std::string raw_intake(Sandbox& box, const std::string& email = kClient) {
  const auto id = new_uuid(box.now().ms);
  const auto now = to_text(box.now());
  box.sql(
      fmt::format("INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status,"
                  " created_at, updated_at) VALUES ('{0}', 'INDIVIDUAL', 'Ada', '{1}', 'Learn', '{2}', 'QUALIFIED',"
                  " '{3}', '{3}')",
                  id, email, std::string(64, 'a'), now));
  return id;
}

/// A deal as it lies in the database, approved and waiting for its money, over `price_cents`; its id.
inline std::string raw_deal(Sandbox& box, std::int64_t price_cents = 100'00, const std::string& currency = "EUR") {
  const auto id = new_uuid(box.now().ms), slug = "offer-" + std::string(short_id(id)), now = to_text(box.now());
  const auto intake = raw_intake(box), provider = box.user(slug + "-p@studio.example"),
             maestro = box.user(slug + "-m@studio.example");
  box.sql(
      fmt::format("INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, price_cents,"
                  " currency, created_at, updated_at) VALUES ('{}', '{}', 'Offer', 'What it is', 'BOTH', 'ONLINE',"
                  " 'ACTIVE', {}, '{}', '{}', '{}')",
                  new_uuid(box.now().ms), slug, price_cents, currency, now, now));
  box.sql(fmt::format(
      "INSERT INTO deals (id, intake_id, offer_slug, status, agreed_price_cents, agreed_currency, provider_rate_bp,"
      " referrer_rate_bp, provider_rate_id, referrer_rate_id, provider_user_id, maestro_user_id, approval_id,"
      " approved_at, created_at, updated_at) SELECT '{0}', '{1}', '{2}', 'MAESTRO_APPROVED', {3}, '{4}', 6000, 400,"
      " p.id, r.id, '{5}', '{6}', '{0}', '{7}', '{7}', '{7}' FROM rates p, rates r"
      " WHERE p.name = 'PROVIDER' AND r.name = 'REFERRER'",
      id, intake, slug, price_cents, currency, provider, maestro, now));
  return id;
}

/// Every check that the program has of its books; fails the test where one finds anything.
inline void check_books(Sandbox& box) {
  for (const char* check : {"ledger.check", "deals.check", "db.check"}) {
    CAPTURE(check);
    CHECK(box.error_code(check) == "");
  }
}

/// A tax that holds since January; its code.
inline std::string tax(Sandbox& box, const std::string& code = "VAT21", const std::string& rate_bp = "2100") {
  box.run("taxes.set", {{"code", {code}}, {"rate-bp", {rate_bp}}, {"from", {"2026-01-01"}}});
  return code;
}

/// An invoice of an amount with what is said more of it, issued today; its number.
inline std::string issued_with(Sandbox& box, ops::RawArgs args) {
  args.try_emplace("client-email", ops::RawArgs::mapped_type{kClient});
  args.try_emplace("currency", ops::RawArgs::mapped_type{"EUR"});
  const auto draft = text(box.data("invoices.create", args), "id");
  return text(box.data("invoices.issue", {{"invoice", {draft}}}), "number");
}

}  // namespace steward::test
