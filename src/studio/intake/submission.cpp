#include <fmt/format.h>

#include "ops/declare.h"
#include "studio/intake/operations.h"
#include "studio/intake/rows.h"
#include "studio/offers/offers.h"

namespace steward::intake {
namespace {

struct SubmitArgs {
  ContactName name;
  ops::Email email;
  Audience audience;
  Goals goals;
  std::optional<OrganizationName> organization;
  std::optional<Timeline> timeline;
  std::optional<Constraints> constraints;
  std::optional<offers::OfferRef> offer;
  std::optional<ReferralCode> referral;
  std::optional<Priority> priority;
};

template <class T>
std::optional<std::string> text_of(const std::optional<T>& value) {
  return value ? std::optional<std::string>(value->value) : std::nullopt;
}

// All but the offer, which is looked up.
Submission submission_of(const SubmitArgs& args) {
  return {args.audience,
          args.name,
          args.email,
          text_of(args.organization),
          args.goals,
          text_of(args.timeline),
          text_of(args.constraints),
          args.priority ? args.priority->value : kUsualPriority,
          {},
          text_of(args.referral)};
}

void check_submit(const SubmitArgs& args) { require_complete(submission_of(args)); }

ops::Change same_already(ops::Context& context, const IntakeId& id) {
  return ops::Change::none("intake", id.text, fmt::format("This was asked already: intake {}.", short_id(id.text)),
                           intake_record(context.tx, id));
}

ops::Change submit_intake(ops::Context& context, const SubmitArgs& args) {
  auto submission = submission_of(args);
  const auto offer = args.offer ? std::optional(offers::find_offer(context.tx, *args.offer)) : std::nullopt;
  const auto hash = goals_hash(submission);
  const auto since = context.now() - kSameWithin;
  if (const auto first = same_request(context.tx, submission, hash, since)) return same_already(context, *first);
  if (offer) {
    offers::require_active(*offer);
    submission.offer_slug = offer->slug;
  }
  require_quota(made_since(context.tx, submission.contact_email, since));
  const auto id = insert_intake(context, submission, hash);
  auto change = change_of(context, id,
                          fmt::format("Took in the inquiry of {} ({}).", submission.contact_name, short_id(id.text)));
  change.metadata = {{"after", Json{{"status", to_text(Status::new_)},
                                    {"audience", to_text(submission.audience)},
                                    {"offer_slug", submission.offer_slug ? Json(*submission.offer_slug) : Json()},
                                    {"attributed", false}}}};
  if (submission.referral_code)
    change.warnings.push_back({"attribution_error", "Nobody has this referral code; it is kept with the inquiry."});
  change.next = fmt::format("steward intake triage {}", short_id(id.text));
  return change;
}

}  // namespace

void register_submission(ops::Registry& registry) {
  registry.add(
      ops::declare<SubmitArgs>("intake.submit", "Take in an inquiry")
          .details("The same goals from the same address within a day are one inquiry. An organisation, a team "
                   "and an enterprise also name their organisation and timeline.")
          .option("name", &SubmitArgs::name, "Who asks")
          .option("email", &SubmitArgs::email, "Where they are answered")
          .option("audience", &SubmitArgs::audience, "What they are")
          .option("goals", &SubmitArgs::goals, "What they want to reach")
          .option("organization", &SubmitArgs::organization, "Their organisation")
          .option("timeline", &SubmitArgs::timeline, "By when")
          .option("constraints", &SubmitArgs::constraints, "What else binds them")
          .option("offer", &SubmitArgs::offer, "What they ask for: the slug of an active offer")
          .option("referral", &SubmitArgs::referral, "The referral code they came with")
          .option("priority", &SubmitArgs::priority, "Higher comes first; 50 if absent")
          .check(check_submit)
          .needs("intake:write")
          .also(handlers())
          .example("steward intake submit --name 'Ada Byron' --email ada@example.org --audience INDIVIDUAL "
                   "--goals 'Learn to ask better questions'")
          .returns(kIntakeColumns)
          .writes(submit_intake));
}

}  // namespace steward::intake
