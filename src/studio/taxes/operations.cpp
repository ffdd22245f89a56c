#include <fmt/format.h>

#include "core/error.h"
#include "ops/declare.h"
#include "studio/taxes/rows.h"

namespace steward::taxes {
namespace {

struct ListArgs {
  std::optional<TaxCode> code;
  std::optional<Treatment> treatment;
  std::optional<ops::DateOrSpan> since, until;
  std::optional<ops::Text<200>> search;
};

ops::Listing list_taxes(ops::Context& context, const ListArgs& args) {
  auto listing = tax_listing(context);
  if (args.code) listing.where("t.code = {}", {args.code->value});
  listing.where_if("t.treatment = {}", args.treatment);
  if (args.since) listing.where("t.valid_from >= {}", {context.resolve(*args.since)});
  if (args.until) listing.where("t.valid_from < {}", {context.resolve(*args.until)});
  if (args.search) listing.search(args.search->value, {"t.code"});
  return listing;
}

struct SetArgs {
  TaxCode code;
  std::optional<ops::Whole<0, 10'000>> rate_bp;
  std::optional<Treatment> treatment;

  Treatment kind() const { return treatment.value_or(Treatment::standard); }
  std::optional<ops::DateOrSpan> from;
};

void require_consistent(const SetArgs& args) {
  if (args.kind() == Treatment::standard && !args.rate_bp)
    refuse_usage("missing_argument", "--rate-bp is missing.", "rate-bp", "2100 is 21 %; an exempt sale has none.");
  if (args.rate_bp) require_rate(args.kind(), static_cast<int>(args.rate_bp->value));
}

Tax wanted(ops::Context& context, const SetArgs& args) {
  return {{context.new_id()},
          args.code.value,
          args.kind(),
          args.rate_bp ? static_cast<int>(args.rate_bp->value) : 0,
          args.from ? context.resolve(*args.from) : context.today()};
}

std::string sentence_of(const Tax& tax) {
  const auto rate = fmt::format("{}.{:02} %", tax.rate_bp / 100, tax.rate_bp % 100);
  return fmt::format("{} is {}{} for documents from {} on.", tax.code,
                     tax.treatment == Treatment::standard ? "" : std::string(to_text(tax.treatment)),
                     tax.treatment == Treatment::standard ? rate : "", to_text(tax.valid_from));
}

ops::Change set_tax(ops::Context& context, const SetArgs& args) {
  const auto tax = wanted(context, args);
  const auto before = find_on(context.tx, tax.code, tax.valid_from);
  if (before && before->treatment == tax.treatment && before->rate_bp == tax.rate_bp)
    return ops::Change::none("tax", before->id.text, fmt::format("{} says that already.", tax.code),
                             tax_record(context, before->id));
  if (before && before->valid_from == tax.valid_from)
    refuse_conflict("duplicate",
                    fmt::format("{} is set from {} already, as {} at {} basis points.", tax.code,
                                to_text(tax.valid_from), to_text(before->treatment), before->rate_bp),
                    "A tax is never edited, since documents refer to it: set it from another date, or use another "
                    "code.");
  insert_tax(context, tax);
  ops::Change change;
  change.target_type = "tax";
  change.target_id = tax.id.text;
  change.sentence = sentence_of(tax);
  change.data = tax_record(context, tax.id);
  change.metadata = {
      {"code", tax.code},
      {"after",
       Json{{"treatment", to_text(tax.treatment)}, {"rate_bp", tax.rate_bp}, {"valid_from", to_text(tax.valid_from)}}}};
  return change;
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ListArgs>("taxes.list", "List the taxes that documents may state, past and to come")
                   .option("code", &ListArgs::code, "Only this code")
                   .option("treatment", &ListArgs::treatment, "Only this treatment")
                   .option("since", &ListArgs::since, "Only what begins at or after this date")
                   .option("until", &ListArgs::until, "Only what begins before this date")
                   .option("search", &ListArgs::search, "Text in the code")
                   .needs("taxes:read")
                   .example("steward taxes list --code VAT21")
                   .lists(list_taxes, kTaxColumns));
  registry.add(
      ops::declare<SetArgs>("taxes.set", "Set what a tax code means from a date on")
          .details("Documents take the tax of their own date, and keep it. Tax is worked out once for all lines of one "
                   "tax: the sum of their nets times the rate, rounded to the minor unit, a half away from zero.")
          .positional("code", &SetArgs::code, "The code that lines name, such as VAT21")
          .option("rate-bp", &SetArgs::rate_bp, "Basis points of the net: 2100 is 21 %")
          .option("treatment", &SetArgs::treatment, "How the sale is taxed; standard if absent")
          .option("from", &SetArgs::from, "The first date of a document that it is for; today if absent")
          .check(require_consistent)
          .needs("taxes:write")
          .example("steward taxes set VAT21 --rate-bp 2200 --from 2027-01-01")
          .example("steward taxes set ZERO --treatment exempt")
          .returns(kTaxColumns)
          .writes(set_tax));
}

}  // namespace steward::taxes
