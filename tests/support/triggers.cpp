#include "support/triggers.h"

#include <fmt/format.h>

#include "support/postgres.h"

namespace steward::test {
namespace {

std::string condition(std::string_view when) { return when.empty() ? "" : fmt::format(" WHEN ({})", when); }

std::string on_sqlite(std::string_view name, std::string_view event, std::string_view when, std::string_view raise) {
  return fmt::format("CREATE TRIGGER {} {}{} BEGIN SELECT RAISE({}); END;", name, event, condition(when), raise);
}

std::string on_server(std::string_view name, std::string_view event, std::string_view when, std::string_view function) {
  return fmt::format("CREATE TRIGGER {} {} FOR EACH ROW{} EXECUTE FUNCTION {};", name, event, condition(when),
                     function);
}

}  // namespace

std::string drop_trigger(std::string_view name, std::string_view table) {
  return on_postgres() ? fmt::format("DROP TRIGGER {} ON {};", name, table) : fmt::format("DROP TRIGGER {};", name);
}

std::string trigger_that_refuses(std::string_view name, std::string_view event, std::string_view message,
                                 std::string_view when) {
  return on_postgres() ? on_server(name, event, when, fmt::format("steward_refuse('{}')", message))
                       : on_sqlite(name, event, when, fmt::format("ABORT, '{}'", message));
}

std::string trigger_that_skips(std::string_view name, std::string_view event, std::string_view when) {
  if (!on_postgres()) return on_sqlite(name, event, when, "IGNORE");
  return fmt::format("CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';{1}", name,
                     on_server(name, event, when, fmt::format("{}()", name)));
}

}  // namespace steward::test
