#pragma once
#include <fmt/format.h>

#include <string>

#include "support/sandbox.h"

namespace steward::test {

/// "00000000-0000-7000-8000-000000000042": an id that a test can tell by its end.
inline std::string id_of(int n) { return fmt::format("00000000-0000-7000-8000-{:012}", n); }

/// A deal with everything it hangs from and everything that hangs from it: parents and children of every kind.
inline void populate(const Sandbox& box) {
  const std::string stamp = "'2026-02-01T08:00:00.000Z'";
  const auto by = fmt::format("{0}, NULL, 'operator:tester', NULL, 'r', 'test'", stamp);
  box.sql(fmt::format(
      "INSERT INTO users (id, email, status, created_at, updated_at) VALUES ('{user}', 'ada@x.example', 'ACTIVE', "
      "{at}, {at});"
      "INSERT INTO offers (id, slug, title, summary, audience, delivery_mode, status, price_cents, currency, "
      "created_at, "
      "updated_at) VALUES ('{offer}', 'field-day', 'Field day', '', 'BOTH', 'ONLINE', 'ACTIVE', 10000, 'EUR', {at}, "
      "{at});"
      "INSERT INTO intake_requests (id, audience, contact_name, contact_email, goals, goals_hash, status, offer_slug, "
      "created_at, updated_at) VALUES ('{intake}', 'TEAM', 'Bo', 'bo@x.example', 'g', '{hash}', 'QUALIFIED', "
      "'field-day', "
      "{at}, {at});"
      "INSERT INTO deals (id, intake_id, offer_slug, status, agreed_price_cents, agreed_currency, provider_rate_bp, "
      "referrer_rate_bp, provider_rate_id, referrer_rate_id, created_at, updated_at) SELECT '{deal}', '{intake}', "
      "'field-day', 'QUEUED', 10000, 'EUR', 6000, 400, p.id, r.id, {at}, {at} FROM rates p, rates r "
      "WHERE p.name = 'PROVIDER' AND r.name = 'REFERRER';"
      "INSERT INTO deal_status_history VALUES ('{h1}', '{deal}', NULL, 'QUEUED', 'from intake', NULL, NULL, NULL, "
      "NULL, "
      "{by});"
      "INSERT INTO deal_status_history VALUES ('{h2}', '{deal}', 'QUEUED', 'QUEUED', NULL, NULL, '{user}', NULL, NULL, "
      "{by});"
      "INSERT INTO invoices (id, client_email, amount_cents, currency, status, deal_id, created_at, updated_at) VALUES "
      "('{invoice}', 'bo@x.example', 10000, 'EUR', 'DRAFT', '{deal}', {at}, {at});",
      fmt::arg("user", id_of(1)), fmt::arg("offer", id_of(2)), fmt::arg("intake", id_of(3)), fmt::arg("deal", id_of(4)),
      fmt::arg("h1", id_of(5)), fmt::arg("h2", id_of(6)), fmt::arg("invoice", id_of(7)),
      fmt::arg("hash", std::string(64, 'a')), fmt::arg("at", stamp), fmt::arg("by", by)));
}

}  // namespace steward::test
