#include "db/twin_rules.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

#include "core/text.h"
#include "db/migration_text.h"

namespace steward::test {
namespace {

// Columns that hold canonical JSON: nothing in SQLite's text tells them from other text.
const std::set<std::string> kJson{"idempotency_keys.answer",  "audit_log.metadata",      "service_tokens.scopes",
                                  "action_proposals.payload", "action_proposals.result", "offers.outcomes_json",
                                  "contact_merges.moved",     "contact_merges.filled",   "contact_merges.kept"};

// Called by triggers; what they do is tested by what they do.
constexpr auto kFunctions = R"sql(
  CREATE FUNCTION steward_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
  CREATE FUNCTION steward_capture() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
)sql";

// A condition that reads tables can't stand in PostgreSQL's WHEN: its trigger has a function of its own, which hands
// the row on.
constexpr auto kGuard = R"sql(
  CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF {1} THEN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0]; END IF; RETURN {2}; END $$;
)sql";

/// The schema with every table behind those that it refers to: a column that was added later may refer to a younger
/// one.
std::vector<const db::SchemaObject*> referred_first(const std::vector<db::SchemaObject>& schema) {
  static const std::regex kReferred(R"(REFERENCES (\w+) )");
  std::map<std::string, const db::SchemaObject*> waiting;
  for (const auto& object : schema)
    if (object.type == "table") waiting[object.name] = &object;
  std::vector<const db::SchemaObject*> out;
  const std::function<void(const db::SchemaObject&)> visit = [&](const db::SchemaObject& object) {
    if (object.type == "table" && waiting.erase(object.name) == 0) return;
    if (object.type == "table")
      for (std::sregex_iterator at(object.sql.begin(), object.sql.end(), kReferred), end; at != end; ++at)
        if (const auto parent = waiting.find((*at)[1]); parent != waiting.end()) visit(*parent->second);
    out.push_back(&object);
  };
  for (const auto& object : schema) visit(object);
  return out;
}

/// What stands between the commas of a list; a comma in brackets or quotes is not of the list.
std::vector<std::string> members(std::string_view list) {
  std::vector<std::string> out(1);
  int depth = 0;
  bool quoted = false;
  for (const char c : list) {
    if (c == '\'') quoted = !quoted;
    if (!quoted) depth += (c == '(') - (c == ')');
    if (c == ',' && depth == 0 && !quoted)
      out.emplace_back();
    else
      out.back() += c;
  }
  for (auto& one : out) one = std::string(trim(one));
  return out;
}

bool take_out(std::string& text, const std::string& part) {
  const auto at = text.find(part);
  if (at == std::string::npos) return false;
  text.erase(at, part.size());
  return true;
}

class Translator {
 public:
  std::string statement(const db::SchemaObject& object) {
    const auto sql = db::normalised_sql(object.sql);
    if (object.type == "table") return table(object.name, sql);
    if (object.type == "trigger") return trigger(sql);
    return with_booleans(object.table, sql) + ";\n";
  }

 private:
  std::string table(const std::string& name, const std::string& sql) {
    const auto from = sql.find('(') + 1, to = sql.rfind(')');
    std::string columns;
    for (const auto& one : members(std::string_view(sql).substr(from, to - from)))
      columns += (columns.empty() ? "" : ", ") + member(name, one);
    return fmt::format(
        "CREATE TABLE {0} ({1});\nCREATE TRIGGER zz_captured AFTER INSERT OR UPDATE OR DELETE ON {0} FOR EACH ROW WHEN "
        "(current_setting('steward.capture', true) = 'on') EXECUTE FUNCTION steward_capture();\n",
        name, with_booleans(name, columns));
  }

  /// A column, or a constraint of the table, which is left as it is.
  std::string member(const std::string& table, const std::string& text) {
    static const std::regex kColumn(R"((\w+) (TEXT|INTEGER)( .*|))");
    std::smatch match;
    if (!std::regex_match(text, match, kColumn)) return text;
    const auto name = match.str(1);
    auto rest = match.str(3);
    const auto& type = types_[table + "." + name] = type_of(table, name, match.str(2), rest);
    return fmt::format("{} {}{}", name, type, rest);
  }

  /// Takes the CHECK that the type makes needless out of `rest`.
  std::string type_of(const std::string& table, const std::string& name, const std::string& sqlite, std::string& rest) {
    static const std::regex kReference(R"(.* REFERENCES (\w+) \((\w+)\).*)");
    std::smatch match;
    if (take_out(rest, fmt::format(" CHECK (length({}) = 36)", name))) return "uuid";
    if (take_out(rest, fmt::format(" CHECK ({} LIKE '____-__-__T__:__:__.___Z')", name))) return "timestamptz(3)";
    if (take_out(rest, fmt::format(" CHECK ({} LIKE '____-__-__')", name))) return "date";
    if (take_out(rest, fmt::format(" CHECK ({} IN (0, 1))", name))) {
      rest = std::regex_replace(std::regex_replace(rest, std::regex("DEFAULT 0"), "DEFAULT false"),
                                std::regex("DEFAULT 1"), "DEFAULT true");
      return "boolean";
    }
    if (std::regex_match(rest, match, kReference)) return types_.at(match.str(1) + "." + match.str(2));
    if (sqlite == "INTEGER") return "bigint";
    return kJson.contains(table + "." + name) ? "jsonb" : "text COLLATE \"C\"";
  }

  /// "is_free = 1" -> "is_free", "is_free = 0" -> "NOT is_free".
  std::string with_booleans(const std::string& table, std::string text) const {
    for (const auto& [column, type] : types_)
      if (type == "boolean" && column.starts_with(table + ".")) {
        const auto name = R"(\b((?:NEW\.|OLD\.)?)" + column.substr(table.size() + 1) + ")";
        text = std::regex_replace(text, std::regex(name + R"( = 1\b)"), "$1");
        text = std::regex_replace(text, std::regex(name + R"( = 0\b)"), "NOT $1");
      }
    return text;
  }

  std::string trigger(const std::string& sql) const {
    static const std::regex kShape(R"(CREATE TRIGGER (\w+) (BEFORE (?:INSERT|DELETE|UPDATE(?: OF [\w, ]+)?)) ON (\w+) )"
                                   R"((?:WHEN (.+) )?BEGIN SELECT RAISE\(ABORT, ('[^']+')\); END)");
    std::smatch match;
    if (!std::regex_match(sql, match, kShape)) throw std::runtime_error("no rule for the trigger " + sql);
    const auto name = match.str(1), event = match.str(2), table = match.str(3), message = match.str(5);
    const auto condition = with_booleans(table, match.str(4));
    const bool reads = condition.find("SELECT") != std::string::npos;
    auto out = reads ? fmt::format(kGuard, name, condition, event == "BEFORE DELETE" ? "OLD" : "NEW") : "";
    out += fmt::format("CREATE TRIGGER {} {} ON {} FOR EACH ROW {} EXECUTE FUNCTION {}({});\n", name, event, table,
                       condition.empty() || reads ? "" : "WHEN (" + condition + ")", reads ? name : "steward_refuse",
                       message);
    if (event == "BEFORE DELETE" && condition.empty())
      out +=
          fmt::format("CREATE TRIGGER {0}_no_truncate BEFORE TRUNCATE ON {0} EXECUTE FUNCTION steward_refuse({1});\n",
                      table, message);
    return out;
  }

  std::map<std::string, std::string> types_;  ///< "offers.slug" -> its type in PostgreSQL
};

}  // namespace

std::string twin_of(const std::vector<db::SchemaObject>& schema) {
  Translator translator;
  std::string out = kFunctions;
  for (const auto* object : referred_first(schema)) out += translator.statement(*object);
  return out;
}

}  // namespace steward::test
