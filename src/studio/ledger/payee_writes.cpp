// What is taken down of a payee: every field a flag, and what is not named stays.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "ops/declare.h"
#include "ops/files.h"
#include "studio/ledger/operations.h"
#include "studio/ledger/payee_rows.h"
#include "studio/ledger/payees.h"

namespace steward::ledger {
namespace {

/// One line of an address or a name, of A to B characters.
template <std::size_t A, std::size_t B>
struct Line {
  std::string value;
};
struct TaxId {
  std::string value;
};

}  // namespace
}  // namespace steward::ledger

template <std::size_t A, std::size_t B>
struct steward::ops::ArgumentType<steward::ledger::Line<A, B>> {
  static TypeInfo info() {
    return {"TEXT", fmt::format("{}at most {} characters", A > 1 ? fmt::format("at least {}, ", A) : "", B)};
  }
  static ledger::Line<A, B> parse(std::string_view text, std::string_view field) {
    auto clean = clean_text(text, field, B, false);
    if (code_points(clean) < A)
      refuse_usage("text_too_short", fmt::format("The {} has {} characters or more.", field, A), field);
    return {std::move(clean)};
  }
};
template <>
struct steward::ops::ArgumentType<steward::ledger::TaxId> {
  static TypeInfo info() { return {"TEXT", "at least 4 letters and digits, at most 40 characters"}; }
  static ledger::TaxId parse(std::string_view text, std::string_view field) {
    return {ledger::checked_tax_id(text, field)};
  }
};

namespace steward::ledger {
namespace {

using Version = ops::Whole<1, std::numeric_limits<std::int64_t>::max()>;

struct SetArgs {
  identity::UserRef user;
  std::optional<Line<2, 200>> legal_name;
  std::optional<EntityType> entity_type;
  std::optional<Line<3, 200>> address_line1;
  ops::Patch<Line<1, 200>> address_line2;
  std::optional<Line<1, 100>> city;
  ops::Patch<Line<2, 100>> state;
  ops::Patch<Line<3, 20>> postal_code;
  std::optional<ops::Country> country;
  ops::Patch<TaxId> tax_id;
  std::optional<ops::FilePath> tax_id_file;
  std::optional<Version> if_version;
};

constexpr std::size_t kMostOfFile = 1024;  ///< bytes

void check_set(const SetArgs& args) {
  if (args.tax_id.touched() && args.tax_id_file)
    refuse_usage("conflicting_arguments", "The tax number comes by --tax-id or in a file, not both.", "tax-id-file");
}

/// With the tax number that a file holds.
SetArgs with_file(SetArgs args) {
  if (!args.tax_id_file) return args;
  const auto text = ops::read_file(args.tax_id_file->value, kMostOfFile);
  args.tax_id = {decltype(args.tax_id)::What::set, TaxId{checked_tax_id(trim(text), "tax-id-file")}};
  return args;
}

/// What becomes of one personal field: left alone when nobody names it.
struct Wish {
  const PersonalField* field;
  bool named;
  std::optional<std::string> text;
};

template <class T>
Wish wish(const PersonalField& field, const std::optional<T>& given) {
  return {&field, given.has_value(), given ? std::optional(given->value) : std::nullopt};
}
template <class T>
Wish wish(const PersonalField& field, const ops::Patch<T>& patch) {
  return {&field, patch.touched(), patch.value ? std::optional(patch.value->value) : std::nullopt};
}

// In the order of personal_fields().
std::vector<Wish> wishes(const SetArgs& args) {
  const auto fields = personal_fields();
  return {wish(fields[0], args.legal_name), wish(fields[1], args.address_line1), wish(fields[2], args.address_line2),
          wish(fields[3], args.city),       wish(fields[4], args.state),         wish(fields[5], args.postal_code),
          wish(fields[6], args.tax_id)};
}

// What nobody can read any more is overwritten.
bool says(ops::Context& context, const Payee& payee, const Wish& wish) {
  try {
    return opened(context, payee, *wish.field) == wish.text;
  } catch (const Error& error) {
    if (error.code() != "wrong_key") throw;
    return false;
  }
}

// The row with all that is named, and what of it is other than it was.
std::vector<std::string_view> apply(ops::Context& context, Payee& payee, const SetArgs& args) {
  std::vector<std::string_view> changed;
  for (const auto& wish : wishes(args)) {
    if (!wish.named || says(context, payee, wish)) continue;
    payee.sealed.*wish.field->member =
        wish.text ? std::optional(sealed(context, payee.id, *wish.field, *wish.text)) : std::nullopt;
    changed.push_back(wish.field->name);
  }
  if (args.entity_type && payee.sealed.entity_type != args.entity_type) {
    payee.sealed.entity_type = args.entity_type;
    changed.emplace_back("entity_type");
  }
  if (args.country && payee.sealed.country != args.country->value) {
    payee.sealed.country = args.country->value;
    changed.emplace_back("country");
  }
  return changed;
}

// A number fits the country that it is of, whichever of the two is new.
void require_fitting_tax_id(ops::Context& context, const Payee& payee, const std::vector<std::string_view>& changed) {
  const bool is_new = std::ranges::any_of(changed, [](auto name) { return name == "tax_id" || name == "country"; });
  if (!is_new || !payee.sealed.tax_id) return;
  const auto& field = personal_fields().back();
  require_tax_id_of(payee.sealed.country.value_or(""), opened(context, payee, field).value_or(""));
}

void require_version(const identity::User& user, const Payee& payee, const std::optional<Version>& wanted) {
  if (!wanted || wanted->value == payee.version) return;
  refuse_conflict("stale_version",
                  payee.version == 0 ? fmt::format("There is no tax data of {} yet.", user.email)
                                     : fmt::format("The tax data of {} is at version {}, not {}.", user.email,
                                                   payee.version, wanted->value),
                  "Read it again, then retry.");
}

// LG-13: what is personal is told by its name only.
Json audited(const TaxData& data) {
  return Json{{"entity_type", data.entity_type ? Json(to_text(*data.entity_type)) : Json()},
              {"country", data.country ? Json(*data.country) : Json()}};
}

ops::Change set_payee(ops::Context& context, const SetArgs& given) {
  require_person(context);
  const auto args = with_file(given);
  const auto user = payee_named(context, args.user);
  const auto known = find_payee(context.tx, user.id.text);
  auto payee = known.value_or(Payee{context.new_id(), user.id.text, {}, 0});
  require_version(user, payee, args.if_version);
  const auto changed = apply(context, payee, args);
  require_whole(payee.sealed);
  require_fitting_tax_id(context, payee, changed);
  if (known && changed.empty())
    return ops::Change::none("payee", payee.id, fmt::format("The tax data of {} is so already.", user.email),
                             payee_record(context.tx, user.id.text));
  store_payee(context, payee);
  ops::Change change;
  change.target_type = "payee";
  change.target_id = payee.id;
  change.sentence = fmt::format("{} the tax data of {}.", known ? "Changed" : "Took down", user.email);
  change.data = payee_record(context.tx, user.id.text);
  change.metadata = Json{{"user_id", user.id.text},
                         {"changed", Json(Json::Array(changed.begin(), changed.end()))},
                         {"before", audited(known ? known->sealed : TaxData{})},
                         {"after", audited(payee.sealed)}};
  if (!payee.sealed.tax_id) change.next = fmt::format("steward ledger payees set {} --tax-id-file FILE", user.email);
  return change;
}

}  // namespace

void register_payee_writes(ops::Registry& registry) {
  registry.add(
      ops::declare<SetArgs>("ledger.payees.set", "Take down or change the tax data of a payee")
          .details("What is not named stays. The first time all is named but the second line of the address, the "
                   "state (which addresses in the US need), the postal code where a country has none, and the tax "
                   "number, which may follow. Encrypted at rest; the audit trail says which fields changed, not what "
                   "they say. Who is no ADMIN sets his own; an agent or a job sets none.")
          .positional("user", &SetArgs::user, "Address, id, or unique tail of an id")
          .option("legal-name", &SetArgs::legal_name, "Name as the tax office knows it")
          .option("entity-type", &SetArgs::entity_type, "What they are to the tax office")
          .option("address-line1", &SetArgs::address_line1, "Street and number")
          .option("address-line2", &SetArgs::address_line2, "What else finds them there")
          .option("city", &SetArgs::city, "City or town")
          .option("state", &SetArgs::state, "State or province, where addresses have one")
          .option("postal-code", &SetArgs::postal_code, "Postal code, where addresses have one")
          .option("country", &SetArgs::country, "Country of that address")
          .option("tax-id", &SetArgs::tax_id, "Tax number: nine digits in the US")
          .option("tax-id-file", &SetArgs::tax_id_file,
                  "File that holds the tax number, - for standard input: no list of processes shows it")
          .option("if-version", &SetArgs::if_version, "Only if the tax data is still at this version")
          .check(check_set)
          .needs("payees:write")
          .also(earners())
          .example("steward ledger payees set giannis@partners.example --legal-name 'Giannis Pappas' --entity-type "
                   "sole-proprietor --address-line1 'Ermou 12' --city Athina --postal-code '105 63' --country GR "
                   "--tax-id 099999999")
          .returns(kPayeeColumns)
          .writes(set_payee));
}

}  // namespace steward::ledger
