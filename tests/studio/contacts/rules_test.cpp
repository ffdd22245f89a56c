#include "studio/contacts/rules.h"

#include <catch2/catch.hpp>

#include "core/error.h"

using namespace steward;
using namespace steward::contacts;

namespace {

using Names = std::vector<std::string_view>;

Profile firm() {
  Profile out;
  out.full_name = "Ada Byron";
  out.legal_name = "Lovelace Ltd";
  out.address = "12 St James Square";
  out.country = "GB";
  return out;
}

}  // namespace

TEST_CASE("9, CT-6: a contact walks LEAD, QUALIFIED, ONBOARDING, ACTIVE, leaves from each, and comes back as LEAD",
          "[contacts][rules]") {
  using enum Status;
  const std::vector<std::pair<Status, Status>> open{{lead, qualified}, {qualified, onboarding}, {onboarding, active},
                                                    {lead, churned},   {qualified, churned},    {onboarding, churned},
                                                    {active, churned}, {churned, lead}};
  for (const auto from : {lead, qualified, onboarding, active, churned})
    for (const auto to : {lead, qualified, onboarding, active, churned}) {
      CAPTURE(to_text(from), to_text(to));
      CHECK(kLifecycle.allows(from, to) == (std::ranges::count(open, std::pair(from, to)) == 1));
    }
  CHECK(kLifecycle.initial == lead);
}

TEST_CASE("a document needs a name, an address and a country", "[contacts][rules]") {
  CHECK(missing_for_documents({}) == std::vector<std::string>{"legal_name", "address", "country"});
  CHECK(missing_for_documents(firm()).empty());
  auto person = firm();
  person.legal_name.reset();
  CHECK(missing_for_documents(person).empty());
  person.country.reset();
  CHECK(missing_for_documents(person) == std::vector<std::string>{"country"});
}

TEST_CASE("CT-7: a merge fills what is empty and keeps what is not", "[contacts][rules]") {
  Profile from = firm(), into;
  from.notes = "Prefers mornings";
  into.full_name = "A. Byron";
  const auto plan = plan_merge(from, into);
  CHECK(plan.filled == Names{"notes", "legal_name", "address", "country"});
  CHECK(plan.kept == Names{"full_name"});
  CHECK(plan.result.full_name == "A. Byron");
  CHECK(plan.result.address == "12 St James Square");
}

TEST_CASE("CT-7: a billing identity is taken over whole or not at all", "[contacts][rules]") {
  Profile into;
  into.legal_name = "Byron & Daughters";
  const auto plan = plan_merge(firm(), into);
  CHECK(plan.filled == Names{"full_name"});
  CHECK(plan.kept == Names{"legal_name", "address", "country"});
  CHECK_FALSE(plan.result.address);
}

TEST_CASE("CT-7: what two contacts say alike is neither filled nor kept", "[contacts][rules]") {
  const auto plan = plan_merge(firm(), firm());
  CHECK(plan.filled.empty());
  CHECK(plan.kept.empty());
  CHECK(plan.result == firm());
}

TEST_CASE("every field of a profile has one name, and the fields that tell of a person are marked",
          "[contacts][rules]") {
  CHECK(fields().size() == 9);
  for (const auto& field : fields()) CHECK(&field_named(field.name) == &field);
  CHECK_THROWS_AS(field_named("email"), std::out_of_range);
  Names open;
  for (const auto& field : fields())
    if (!field.personal) open.push_back(field.name);
  CHECK(open == Names{"user_id", "assigned_to", "country"});
}
