#include "ops/checks.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"

namespace steward::ops {
namespace {

constexpr std::int64_t kNamed = 20;

constexpr Column kColumns[] = {
    {"checks", {}, Kind::json, Shown::always, "One item a check: name, ok, detail, count, problems"},
};

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

// A line a named problem, for whoever reads the failure at a terminal.
void say_problems(const Json& result, Json& lines) {
  for (const auto& problem : result.at("problems").items())
    lines.push(
        fmt::format("{}: {} {}", result.at("name").text(), problem.at("id").text(), problem.at("detail").text()));
}

}  // namespace

const std::span<const Column> kCheckColumns = kColumns;

Json run_checks(db::Tx& tx, std::span<const Check> checks, std::string_view what) {
  Json report = Json::array(), lines = Json::array();
  std::vector<std::string> broken;
  for (const auto& check : checks) {
    report.push(run_check(tx, check));
    const auto& result = report.items().back();
    if (result.at("ok").boolean()) continue;
    broken.emplace_back(check.name);
    say_problems(result, lines);
  }
  Json out{{"checks", std::move(report)}};
  if (broken.empty()) return out;
  out.set("lines", std::move(lines));
  throw Error{
      ErrorKind::precondition, "check_failed",
      fmt::format("{} failed {} of {}: {}.", what, broken.size(), count_of(checks.size(), "check"), join(broken, ", ")),
      "What the records hold now was not changed."}
      .with(std::move(out));
}

}  // namespace steward::ops
