// What the database promises by itself, whatever a program does to it: each rule as a query for the columns and tables
// that break it.
#include <catch2/catch.hpp>

#include "support/sandbox.h"

using namespace steward;
using namespace steward::test;

namespace {

// "table.column" a line; "" when there is none.
std::string offenders(const Sandbox& box, const std::string& condition) {
  std::string out;
  for (const auto& row : box.rows("SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
                                  " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND (" +
                                  condition + ") ORDER BY 1"))
    out += row.front() + "\n";
  return out;
}

}  // namespace

TEST_CASE("X-5: every key is NOT NULL, in a STRICT table", "[schema][sqlite]") {
  Sandbox box;
  CHECK(offenders(box, "c.pk > 0 AND c.\"notnull\" = 0") == "");
  CHECK(box.value("SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND strict = 0"
                  " AND name NOT LIKE 'sqlite%'") == "0");
}

TEST_CASE("X-6: every instant has the one form, by a CHECK", "[schema][sqlite]") {
  Sandbox box;
  CHECK(offenders(box, "c.name LIKE '%\\_at' ESCAPE '\\' AND m.sql NOT LIKE '%CHECK (' || c.name || ' LIKE %'") == "");
  CHECK(offenders(box, "c.name LIKE '%\\_date' ESCAPE '\\' AND m.sql NOT LIKE '%CHECK (' || c.name || ' LIKE %'") ==
        "");
}

TEST_CASE("X-7: every enumeration is a CHECK", "[schema][sqlite]") {
  Sandbox box;
  CHECK(offenders(box,
                  "(c.name LIKE '%status' OR c.name IN ('audience', 'delivery_mode', 'kind', 'entry_type', 'method'))"
                  " AND m.sql NOT LIKE '%CHECK (' || c.name || ' IN (%'") == "");
}

TEST_CASE("X-8: every amount and every currency is a CHECK", "[schema][sqlite]") {
  Sandbox box;
  CHECK(offenders(box, "c.name LIKE '%\\_cents' ESCAPE '\\' AND m.sql NOT LIKE '%CHECK (' || c.name || ' %'") == "");
  CHECK(offenders(box, "c.name LIKE '%currency' AND m.sql NOT LIKE '%CHECK (length(' || c.name || ') = 3%'") == "");
}

TEST_CASE("X-10: nothing is deleted along with what it refers to", "[schema][sqlite]") {
  Sandbox box;
  CHECK(box.value("SELECT count(*) FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f"
                  " WHERE f.on_delete <> 'NO ACTION' OR f.on_update <> 'NO ACTION'") == "0");
  // And what is business or history is not deleted at all.
  for (const char* table : {"invoices",
                            "payments",
                            "deal_payments",
                            "payouts",
                            "payout_entries",
                            "ledger_entries",
                            "ledger_status_history",
                            "invoice_status_history",
                            "proposal_status_history",
                            "deal_status_history",
                            "intake_status_history",
                            "user_status_history",
                            "intake_notes",
                            "contacts",
                            "contact_status_history",
                            "contact_merges",
                            "offer_price_history",
                            "offer_packages",
                            "rates",
                            "payout_tax_info",
                            "audit_log"}) {
    CAPTURE(table);
    CHECK(box.value(std::string("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '") + table +
                    "' AND sql LIKE '%BEFORE DELETE%'") == "1");
  }
}

TEST_CASE("X-3: every audit row names what it is about", "[schema][audit]") {
  Sandbox box(World::season);
  CHECK(box.value(
            "SELECT count(*) FROM audit_log WHERE coalesce(target_type, '') = '' OR coalesce(target_id, '') = ''") ==
        "0");
  CHECK(box.value("SELECT count(*) > 200 FROM audit_log") == "1");
}
