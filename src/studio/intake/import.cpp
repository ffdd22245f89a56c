#include <map>
#include <unordered_set>

#include "ops/import.h"
#include "studio/intake/bulk_rows.h"
#include "studio/intake/operations.h"
#include "studio/offers/offers.h"

namespace steward::intake {
namespace {

template <auto Member, class Argument>
constexpr auto take = &ops::take<Member, Argument, Inquiry>;

// The columns of intake_requests that whoever submits may fill, each read as 'intake submit' reads its argument.
constexpr ops::ImportField<Inquiry> kFields[] = {
    {"audience", true, take<&Inquiry::audience, Audience>},
    {"contact_name", true, take<&Inquiry::contact_name, ContactName>},
    {"contact_email", true, take<&Inquiry::contact_email, ops::Email>},
    {"organization_name", false, take<&Inquiry::organization_name, OrganizationName>},
    {"goals", true, take<&Inquiry::goals, Goals>},
    {"timeline", false, take<&Inquiry::timeline, Timeline>},
    {"constraints", false, take<&Inquiry::constraints, Constraints>},
    {"priority", false, take<&Inquiry::priority, Priority>},
    {"offer_slug", false, take<&Inquiry::offer_slug, ops::Slug>},
    {"referral_code", false, take<&Inquiry::referral_code, ReferralCode>},
};

class Inquiries final : public ops::Importer<Inquiry> {
 public:
  explicit Inquiries(ops::Context& context) : context_(context) {}

  void check(const Inquiry& inquiry) override { require_complete(inquiry, "organization_name"); }

  // What is known already is not checked against offers of today: the same file stays good.
  void decide(std::span<Line> batch) override {
    for (auto& line : batch) line.record.hash = goals_hash(line.record);
    mark_known(context_.tx, batch, context_.now() - kSameWithin);
    std::unordered_set<std::string> said;
    for (auto& line : batch) {
      if (line.fate == ops::Fate::unchanged) continue;
      const auto what = line.record.contact_email + ' ' + line.record.hash;
      if (said.contains(what))
        line.fate = ops::Fate::unchanged;
      else if (is_on_sale(line))
        said.insert(what);
    }
  }

  void keep(std::span<Line> batch) override { insert_inquiries(context_, batch); }
  std::string name_of(const Inquiry& inquiry) override { return inquiry.contact_email; }

 private:
  // True where no offer is named.
  bool is_on_sale(Line& line) {
    if (!line.record.offer_slug) return true;
    const auto& slug = *line.record.offer_slug;
    try {
      auto known = offers_.find(slug);
      if (known == offers_.end()) known = offers_.emplace(slug, offers::find_offer(context_.tx, slug)).first;
      offers::require_active(known->second);
      return true;
    } catch (Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::conflict) throw;
      line.refuse(std::move(error.at("offer_slug")));
      return false;
    }
  }

  ops::Context& context_;
  std::map<std::string, offers::Offer> offers_;  ///< each asked for once
};

ops::Change import_intake(ops::Context& context, const ops::ImportArgs& args) {
  Inquiries inquiries(context);
  auto change = ops::import_file<Inquiry>(context, args, {"intake_import", "inquiry", "inquiries"}, kFields, inquiries);
  if (change.changed) change.next = "steward intake list --status NEW";
  return change;
}

}  // namespace

void register_import(ops::Registry& registry) {
  registry.add(
      ops::declare_import<ops::ImportArgs>("intake.import", "Take in inquiries from a file of JSON lines or CSV")
          .details("One JSON object a line, or CSV with a header row: audience, contact_name, contact_email and goals, "
                   "and if there are any organization_name, timeline, constraints, priority, offer_slug, "
                   "referral_code. All of the file is taken in or nothing, and every bad line is named. A line that "
                   "was imported before, or that says what the same address said within a day, changes nothing.")
          .needs("intake:write")
          .also(handlers())
          .example("steward intake import --file inquiries.jsonl")
          .returns(ops::kImportColumns)
          .writes(import_intake));
}

}  // namespace steward::intake
