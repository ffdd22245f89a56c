#include <catch2/catch.hpp>

#include "studio/intake/inquiries.h"

using namespace steward;
using namespace steward::test;

namespace {

using Table = std::vector<std::vector<std::string>>;

constexpr auto kHeader = "email,full_name,legal_name,address,country,tax_id,billing_email,notes\n";

Json import(Sandbox& box, const std::string& rows, const ops::RawArgs& more = {}) {
  ops::RawArgs raw{{"file", {box.write("contacts.csv", kHeader + rows)}}};
  raw.insert(more.begin(), more.end());
  return box.data("contacts.import", raw);
}

std::string of(Sandbox& box, const std::string& column) { return box.value("SELECT " + column + " FROM contacts"); }

}  // namespace

TEST_CASE("a spreadsheet of contacts becomes leads with their billing identity and history", "[contacts][import]") {
  Sandbox box;
  const auto seq = box.audit_seq();
  const auto data =
      import(box,
             "Ada@Client.example,Ada Byron,Lovelace Ltd,\"12 St James\nLondon\",gb,GB1,b@l.example,Old friend\n"
             "bea@client.example,,,,,,,\n");
  CHECK(data.at("imported").integer() == 2);
  CHECK(box.rows("SELECT email, full_name, legal_name, address, country, tax_id, billing_email, notes, source, status"
                 " FROM contacts ORDER BY id") ==
        Table{{"ada@client.example", "Ada Byron", "Lovelace Ltd", "12 St James\nLondon", "GB", "GB1", "b@l.example",
               "Old friend", "IMPORT", "LEAD"},
              {"bea@client.example", "", "", "", "", "", "", "", "IMPORT", "LEAD"}});
  CHECK(box.value("SELECT count(*) FROM contact_status_history WHERE to_status = 'LEAD'") == "2");
  CHECK(box.actions(seq) == std::vector<std::string>{"contacts.import"});
}

TEST_CASE("the same file of contacts again changes nothing, and undoes nothing", "[contacts][import]") {
  Sandbox box;
  const std::string rows = "ada@client.example,Ada Byron,Lovelace Ltd,London,GB,,,\n";
  import(box, rows);
  const auto digest = box.table_digest();
  CHECK(import(box, rows).at("unchanged").integer() == 1);
  CHECK(box.table_digest() == digest);
  box.run("contacts.update", {{"contact", {"ada@client.example"}}, {"name", {"Ada King"}}});
  CHECK(import(box, rows).at("unchanged").integer() == 1);
  CHECK(of(box, "full_name") == "Ada King");
}

TEST_CASE("who is known has filled what was empty, the billing identity whole or not at all", "[contacts][import]") {
  Sandbox box;
  submitted(box, {{"name", {"Ada"}}, {"email", {"ada@client.example"}}});
  const auto data = import(box, "ada@client.example,Ada Byron,Lovelace Ltd,London,GB,,,note\n");
  CHECK(data.at("updated").integer() == 1);
  CHECK(box.rows("SELECT full_name, legal_name, country, notes, source, version FROM contacts") ==
        Table{{"Ada", "Lovelace Ltd", "GB", "note", "FORM", "2"}});
  CHECK(import(box, "ada@client.example,,,,,GB1,,\n").at("unchanged").integer() == 1);
  CHECK(of(box, "tax_id").empty());
}

TEST_CASE("a line break within a cell is one, as Windows writes it too", "[contacts][import]") {
  Sandbox box;
  import(box, "ada@client.example,Ada,Lovelace Ltd,\"12 St James\r\nLondon\",GB,,,\r\n");
  CHECK(of(box, "address") == "12 St James\nLondon");
  CHECK(import(box, "ada@client.example,Ada,Lovelace Ltd,\"12 St James\nLondon\",GB,,,\n").at("unchanged").integer() ==
        1);
}

TEST_CASE("an address that stands in several lines is one contact", "[contacts][import]") {
  Sandbox box;
  const auto data =
      import(box, "ada@client.example,,,,,,,\nada@client.example,Ada Byron,,,,,,\nADA@client.example,,,,,,,\n");
  CHECK(data.at("imported").integer() == 1);
  CHECK(data.at("updated").integer() == 1);
  CHECK(data.at("unchanged").integer() == 1);
  CHECK(of(box, "full_name") == "Ada Byron");
}

TEST_CASE("a contact that was merged stands still", "[contacts][import]") {
  Sandbox box;
  import(box, "ada@client.example,Ada,,,,,,\nold@client.example,Ada,,,,,,\n");
  box.run("contacts.merge",
          {{"contact", {"old@client.example"}}, {"into", {"ada@client.example"}}, {"reason", {"One person"}}});
  const auto digest = box.table_digest();
  CHECK(import(box, "old@client.example,Ada,Lovelace Ltd,London,GB,,,\n").at("unchanged").integer() == 1);
  CHECK(box.table_digest() == digest);
}

TEST_CASE("a bad row of contacts is named by its field, and keeps the file out", "[contacts][import]") {
  Sandbox box;
  const auto error = box.refusal(
      "contacts.import",
      {{"file", {box.write("c.csv", "email,country\nada@client.example,GB\nbea,GB\ncy@client.example,Narnia\n")}}});
  CHECK(error.details().at("count").integer() == 2);
  CHECK(error.details().at("lines").items().at(0).at("field").text() == "email");
  CHECK(error.details().at("lines").items().at(1).at("field").text() == "country");
  CHECK(box.value("SELECT count(*) FROM contacts") == "0");
}

TEST_CASE("IK-4: each inquiry of a file has its contact, one an address", "[intake][contacts][import]") {
  Sandbox box;
  submitted(box, {{"name", {"Bea"}}, {"email", {"bea@client.example"}}});
  import(box, "cy@client.example,,,,,,,\n");
  const auto line = [](const std::string& name, const std::string& email, const std::string& goals) {
    return R"({"audience":"INDIVIDUAL","contact_name":")" + name + R"(","contact_email":")" + email + R"(","goals":")" +
           goals + "\"}\n";
  };
  const auto path =
      box.write("in.jsonl", line("Ada", "ada@client.example", "One") + line("Ada B", "ada@client.example", "Two") +
                                line("Beatrix", "bea@client.example", "One") + line("Cy", "cy@client.example", "One"));
  CHECK(box.data("intake.import", {{"file", {path}}}).at("imported").integer() == 4);
  CHECK(box.rows("SELECT c.email, c.full_name, c.source, count(*) FROM intake_requests i JOIN contacts c ON c.id ="
                 " i.contact_id GROUP BY c.email, c.full_name, c.source ORDER BY c.email") ==
        Table{{"ada@client.example", "Ada", "FORM", "2"},
              {"bea@client.example", "Bea", "FORM", "2"},
              {"cy@client.example", "Cy", "IMPORT", "1"}});
  CHECK(box.value("SELECT count(*) FROM intake_requests WHERE contact_id IS NULL") == "0");
  CHECK(box.value("SELECT count(*) FROM contact_status_history") == "3");
}

TEST_CASE("an empty text of JSON says nothing, as an empty cell does", "[contacts][import]") {
  Sandbox box;
  const auto file =
      box.write("contacts.jsonl", "{\"email\":\"ada@client.example\",\"full_name\":\"\",\"notes\":\"\"}\n");
  CHECK(box.data("contacts.import", {{"file", {file}}}).at("imported").integer() == 1);
  CHECK(of(box, "coalesce(full_name, 'none')") == "none");
  const auto empty = box.write("empty.jsonl", "{\"email\":\"\"}\n");
  const auto error = box.refusal("contacts.import", {{"file", {empty}}});
  CHECK(error.details().at("lines").items().front().at("code").text() == "missing_argument");
}
