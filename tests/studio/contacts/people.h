#pragma once
#include "support/sandbox.h"

namespace steward::test {

inline constexpr auto kAda = "ada@client.example";

/// Makes a contact with that address; answers the id.
inline std::string contact(Sandbox& box, const std::string& email, ops::RawArgs more = {}) {
  more["email"] = {email};
  return box.data("contacts.create", more).at("id").text();
}

/// A billing identity that a document can be made out to.
inline ops::RawArgs firm(const std::string& name = "Lovelace Ltd") {
  return {{"legal-name", {name}},
          {"address", {"12 St James Square\nLondon"}},
          {"country", {"gb"}},
          {"tax-id", {"GB123456789"}},
          {"billing-email", {"books@lovelace.example"}}};
}

/// Merges one contact into another.
inline ops::Answer merged(Sandbox& box, const std::string& from, const std::string& into) {
  return box.run("contacts.merge", {{"contact", {from}}, {"into", {into}}, {"reason", {"One person"}}});
}

/// A nullable text member; "" for null.
inline std::string text_at(const Json& record, std::string_view name) {
  const auto& value = record.at(name);
  return value.is_null() ? "" : value.text();
}

}  // namespace steward::test
