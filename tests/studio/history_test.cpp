// Actor, token, request and operation reach every history, as they reach the audit trail (issue 2, "ops"; X-4).
#include <catch2/catch.hpp>

#include "studio/commerce.h"
#include "studio/deals/atelier.h"

using namespace steward;
using namespace steward::test;

namespace {

std::vector<std::string> history_tables(const Sandbox& box) {
  const auto connection = box.connect(db::Access::read);
  std::vector<std::string> out;
  for (const auto& table : connection->tables()) {
    const auto columns = connection->shape(table).columns;
    const auto has = [&](const char* name) { return std::ranges::count(columns, name) == 1; };
    if (has("actor") && has("token_id") && has("request_id") && has("operation")) out.push_back(table);
  }
  return out;
}

// Rows without the audit row of the same request, operation, actor and token.
std::string strangers(const Sandbox& box, const std::string& table) {
  return box.value(fmt::format(
      "SELECT count(*) FROM {} h WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.request_id = h.request_id"
      " AND a.action = h.operation AND a.actor_id IS NOT DISTINCT FROM h.actor AND a.token_id IS NOT DISTINCT FROM "
      "h.token_id)",
      table));
}

}  // namespace

TEST_CASE("X-1, X-4: each row of every history has its audit row: same request, operation, actor and token",
          "[history]") {
  Sandbox box(World::season);
  const auto tables = history_tables(box);
  CHECK(tables.size() >= 8);
  for (const auto& table : tables) {
    CAPTURE(table);
    CHECK(box.value("SELECT count(*) > 0 FROM " + table) == "1");
    CHECK(strangers(box, table) == "0");
  }
}

TEST_CASE("X-4: a token's id is in the history of what it moved, its person as who changed it", "[history]") {
  Atelier box;
  const auto deal = box.assigned();
  const auto call = box.as(box.ines, {"deals:write", "deals:read"});
  box.run("deals.approve", {{"deal", {deal}}}, call);
  const auto token = box.value("SELECT id FROM service_tokens ORDER BY id DESC LIMIT 1");
  const auto last = box.rows(
      "SELECT to_status, changed_by, token_id, operation FROM deal_status_history"
      " ORDER BY id DESC LIMIT 1");
  CHECK(last.front() == std::vector<std::string>{"MAESTRO_APPROVED", box.ines, token, "deals.approve"});
}

TEST_CASE("X-1: one request that moves three records leaves one audit row, and its id in each history", "[history]") {
  Atelier box;
  const auto deal = box.approved();
  const auto draft = text(box.data("invoices.create", {{"deal", {deal}}}), "id");
  box.run("invoices.issue", {{"invoice", {draft}}});
  pay(box, draft, "2500.00");
  const auto request = box.value("SELECT request_id FROM audit_log WHERE action = 'payments.record'");
  CHECK(box.value("SELECT count(*) FROM audit_log WHERE request_id = '" + request + "'") == "1");
  for (const auto& table : {"invoice_status_history", "deal_status_history"})
    CHECK(box.value(fmt::format("SELECT to_status || ' ' || operation FROM {} WHERE request_id = '{}'", table,
                                request)) == "PAID payments.record");
}
