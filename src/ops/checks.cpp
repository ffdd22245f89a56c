#include "ops/checks.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"

namespace steward::ops {
namespace {

constexpr std::int64_t kNamed = 20;

Json run_check(db::Tx& tx, const Check& check) {
  std::int64_t count = 0;
  Json problems = Json::array();
  tx.each(check.sql, {}, [&](const db::Row& row) {
    if (++count <= kNamed) problems.push(Json{{"id", row.text(0)}, {"detail", row.text(1)}});
  });
  const auto broken = count_of(static_cast<std::size_t>(count), "problem");
  return Json{{"name", check.name},
              {"ok", count == 0},
              {"detail", count == 0 ? std::string(check.says) : fmt::format("{}: {}", broken, check.says)},
              {"count", count},
              {"problems", std::move(problems)}};
}

}  // namespace

Json run_checks(db::Tx& tx, std::span<const Check> checks, std::string_view what) {
  Json report = Json::array();
  std::vector<std::string> broken;
  for (const auto& check : checks) {
    report.push(run_check(tx, check));
    if (!report.items().back().at("ok").boolean()) broken.emplace_back(check.name);
  }
  Json out{{"checks", std::move(report)}};
  if (broken.empty()) return out;
  throw Error{ErrorKind::precondition, "check_failed", fmt::format("{} breaks {}.", what, join(broken, ", ")),
              "The details name the records; what they hold now was not changed."}
      .with(std::move(out));
}

}  // namespace steward::ops
