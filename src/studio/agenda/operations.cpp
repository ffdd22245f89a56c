#include <fmt/format.h>

#include "core/id.h"
#include "core/money.h"
#include "core/text.h"
#include "db/migrations.h"
#include "ops/context.h"
#include "ops/declare.h"
#include "studio/agenda/agenda.h"
#include "studio/agenda/items.h"

namespace steward::agenda {
namespace {

constexpr Duration kWeek{7LL * 24 * 3600 * 1000};

struct Times {
  Instant now, soon;
  std::string stale;  ///< as settings hold instants: text
  std::string today;
};

// {now} and its kin become $1…; only those that occur are bound.
std::pair<std::string, std::vector<db::Value>> bound(std::string_view sql, const Times& times) {
  std::string text(sql);
  std::vector<db::Value> args;
  const std::pair<std::string_view, db::Value> tokens[] = {{"{now}", times.now},
                                                           {"{soon}", times.soon},
                                                           {"{stale}", std::string_view(times.stale)},
                                                           {"{today}", std::string_view(times.today)}};
  for (const auto& [token, value] : tokens) {
    if (text.find(token) == std::string::npos) continue;
    args.push_back(value);
    for (auto at = text.find(token); at != std::string::npos; at = text.find(token))
      text.replace(at, token.size(), fmt::format("${}", args.size()));
  }
  return {std::move(text), std::move(args)};
}

// An id is typed by its tail; a number of another program may hold blanks.
std::string handle(const std::string& first) { return is_uuid(first) ? first.substr(24) : shell_word(first); }

void fill(std::string& command, std::string_view token, const std::string& text) {
  if (const auto at = command.find(token); at != std::string::npos) command.replace(at, token.size(), text);
}

std::string command_of(db::Tx& tx, const Item& item, const std::string& first, const Times& times) {
  std::string out(item.command);
  fill(out, "{}", handle(first));
  fill(out, "{today}", times.today);
  if (item.total_sql.empty()) return out;
  const auto total = tx.first(item.total_sql, {first}, [](const db::Row& row) {
    return to_text(Money{row.integer(0), Currency::parse(row.text(1))});
  });
  if (total) fill(out, "{total}", *total);
  return out;
}

Json waiting_item(std::string_view key, std::int64_t count, std::string_view what, std::string command) {
  return Json{{"count", count}, {"what", what}, {"command", std::move(command)}, {"key", key}};
}

// What waits for every other command.
void add_migrations(ops::Context& context, Json& waiting) {
  const auto pending = db::schema_state(context.tx.connection(), context.house.migrations()).pending.size();
  if (pending > 0)
    waiting.push(waiting_item("migrations_pending", static_cast<std::int64_t>(pending),
                              pending == 1 ? "migration pending" : "migrations pending", "steward db migrate"));
}

Json status(ops::Context& context, const ops::NoArgs&) {
  const Times times{context.now(), context.now() + kWeek, to_text(context.now() - kWeek), to_text(context.today())};
  Json waiting = Json::array();
  add_migrations(context, waiting);
  for (const auto& item : items()) {
    const auto [sql, args] = bound(item.sql, times);
    std::int64_t count = 0;
    std::string first;
    context.tx.connection().each(sql, args, [&](const db::Row& row) {
      count = row.integer(0);
      first = row.str(1);
      return false;
    });
    if (count > 0)
      waiting.push(waiting_item(item.key, count, count == 1 ? item.what : item.plural,
                                command_of(context.tx, item, first, times)));
  }
  return Json{{"today", times.today}, {"waiting", std::move(waiting)}};
}

}  // namespace

void register_operations(ops::Registry& registry) {
  registry.add(ops::declare<ops::NoArgs>("status", "Show what waits for a decision")
                   .details("Bare `steward` does the same. Each line names the command to run next.")
                   .needs("status:read")
                   .also({ops::Role::maestro, ops::Role::staff})
                   .example("steward status")
                   .shows(status));
}

}  // namespace steward::agenda
