#include "db/postgres/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace steward::db::postgres {
namespace {

std::string_view field(const PGresult* result, int code) {
  const char* text = libpq().PQresultErrorField(result, code);
  return text ? text : "";
}

std::string one_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string out(text);
  for (auto& c : out)
    if (c == '\n') c = ' ';
  return out;
}

/// "Key (invoice_id, reference)=(…) already exists." of payments -> "payments.invoice_id, payments.reference", which is
/// how SQLite names a unique rule. The parentheses stand in every language of the server's messages.
std::string unique_columns(const PGresult* result) {
  const auto table = field(result, PG_DIAG_TABLE_NAME), detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  const auto from = detail.find('('), to = detail.find(")=(");
  if (from == std::string_view::npos || to == std::string_view::npos) return std::string(table);
  std::vector<std::string> columns;
  for (const auto column : split(detail.substr(from + 1, to - from - 1), ','))
    columns.push_back(fmt::format("{}.{}", table, trim(column)));
  return join(columns, ", ");
}

[[noreturn]] void duplicate(const PGresult* result) {
  const auto what = unique_columns(result);
  throw Error{ErrorKind::conflict, "duplicate", fmt::format("There is already a record with that {}.", what)}.with(
      Json{{"constraint", what}});
}

/// Our triggers raise "immutable: invoices": a code and a table.
[[noreturn]] void refused_by_trigger(std::string_view message) {
  throw Error{ErrorKind::conflict, std::string(message.substr(0, message.find(':'))),
              fmt::format("The database's own rule '{}' refuses this change.", message)};
}

struct Meaning {
  std::string_view state;  ///< an SQLSTATE, or the first two characters of a class
  ErrorKind kind;
  const char *code, *sentence, *hint;
};

/// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr Meaning kMeanings[] = {
    {"23503", ErrorKind::conflict, "still_referenced",
     "Another record refers to this one, or the one referred to is gone.", ""},
    {"22003", ErrorKind::usage, "amount_too_large", "A sum is larger than 2^53-1 minor units.",
     "Narrow what is added up, or correct the amount that is too large."},
    {"40", ErrorKind::temporary, "transaction_conflict", "Other changes kept getting in this one's way.",
     "Try again; nothing was changed."},
    {"55P03", ErrorKind::temporary, "database_locked", "The database was busy for longer than the busy timeout.",
     "Try again; another steward may be migrating or importing."},
    {"57014", ErrorKind::temporary, "database_locked", "The server ended the statement before it was done.",
     "Try again; the server's timeouts may be too short."},
    {"53100", ErrorKind::temporary, "disk_full", "The disk that holds the database is full.",
     "Free some space, then try again; nothing was changed."},
    {"53200", ErrorKind::temporary, "out_of_memory", "The server has no memory left for this.", ""},
    {"53300", ErrorKind::temporary, "database_unreachable", "The server takes no more connections.",
     "Try again, raise max_connections, or put a pooler before it (docs/postgres.md)."},
    {"57P", ErrorKind::temporary, "database_unreachable", "The server is shutting down or starting up.",
     "Try again; nothing of this command was kept."},
    {"08", ErrorKind::temporary, "database_unreachable", "The connection to the server failed.", "Try again."},
    {"25006", ErrorKind::precondition, "database_read_only",
     "This server can't be written: it is a standby, or read-only.",
     "Name the primary with --db, or several hosts with target_session_attrs=read-write."},
    {"25P03", ErrorKind::temporary, "database_unreachable", "The server ended a transaction that stood still too long.",
     "Try again; nothing of this command was kept."},
    {"42501", ErrorKind::precondition, "database_refused", "The database role may not do that.",
     "Run it as the role that owns the schema, or grant with steward db migrate --grant-to."},
    {"28", ErrorKind::precondition, "database_refused", "The server refuses this role or its password.",
     "Check the role, the password file (~/.pgpass) and the server's pg_hba.conf."},
    {"3D000", ErrorKind::precondition, "no_database", "The server has no database of that name.",
     "Make it with createdb, then run steward init."},
    {"XX001", ErrorKind::precondition, "database_corrupt", "The server found the database damaged.",
     "Restore the last good backup."},
    {"XX002", ErrorKind::precondition, "database_corrupt", "The server found an index damaged.", "Run REINDEX."},
    {"58030", ErrorKind::temporary, "io_error", "The server's disk failed while reading or writing the database.",
     "Nothing of this command was kept. Look at the disk, then try again."},
};

enum class Failure { unreachable, no_database, refused, not_a_url };

struct Symptom {
  Failure means;
  const char *words, *and_words = "";
};

/// libpq keeps no SQLSTATE of a connection that never stood. These are the server's and a pooler's own words in English
/// and libpq's, which stay English whatever the locale, for nothing here calls setlocale(). None of them may be the
/// name of a host or a role. What they don't know and a server said is asked for once more (state_when_asked_again).
constexpr Symptom kSymptoms[] = {
    {Failure::no_database, "FATAL:  database \"", "\" does not exist"},
    {Failure::no_database, "no such database: "},
    {Failure::refused, "FATAL:  role \""},
    {Failure::refused, "no such user"},
    {Failure::refused, " authentication failed"},
    {Failure::refused, "no password supplied"},
    {Failure::refused, "pg_hba.conf rejects"},
    {Failure::refused, "no pg_hba.conf entry"},
    {Failure::refused, "permission denied for database"},
    {Failure::refused, "but SSL was required"},
};

/// What libpq says of the URL itself, before it asks anybody, begins with one of these.
constexpr std::string_view kOfTheUrl[] = {
    "invalid ",        "end of string ",         "unexpected ",   "missing ",         "extra key",
    "forbidden value", "definition of service ", "service file ", "could not match ", "IPv6 host address ",
    "both host ",
};

std::optional<Failure> failure_by_words(std::string_view why) {
  for (const auto start : kOfTheUrl)
    if (why.starts_with(start)) return Failure::not_a_url;
  for (const auto& symptom : kSymptoms)
    if (const auto at = why.find(symptom.words);
        at != std::string_view::npos && why.find(symptom.and_words, at) != std::string_view::npos)
      return symptom.means;
  return std::nullopt;
}

Failure failure_by_state(std::string_view state) {
  if (state == "3D000") return Failure::no_database;
  if (state.starts_with("28") || state == "42501") return Failure::refused;
  return Failure::unreachable;
}

/// Whether libpq cites a server: "FATAL:  …", and the word before the colon in the server's language.
bool server_spoke(std::string_view why) { return why.find(":  ") != std::string_view::npos; }

/// The server's words may be of any language, and libpq tells its SQLSTATE only to who wants to know before it
/// connects: so it connects again, as before, once, and only when the words said nothing: a wrong password is not sent
/// twice to a server that counts them, as long as it speaks English.
std::string_view state_when_asked_again(PGconn* connection) {
  libpq().PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
  libpq().PQreset(connection);
  return refused_state(libpq().PQerrorMessage(connection));
}

Failure failure_of(PGconn* connection, std::string_view why) {
  if (const auto known = failure_by_words(why)) return *known;
  return server_spoke(why) ? failure_by_state(state_when_asked_again(connection)) : Failure::unreachable;
}

const Meaning* meaning_of(std::string_view state) {
  for (const auto& meaning : kMeanings)
    if (state.starts_with(meaning.state)) return &meaning;
  return nullptr;
}

}  // namespace

void throw_error(const PGresult* result, std::string_view doing) {
  const auto state = field(result, PG_DIAG_SQLSTATE), message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state == "23505") duplicate(result);
  if (state == "P0001") refused_by_trigger(message);
  if (state == "22P02")  // text that is no uuid where a uuid is looked for
    throw Error{ErrorKind::usage, "invalid_value", fmt::format("The database can't read a value: {}.", message)};
  // The other protocol violations are a pooler's, which has no better word for what keeps it from its server.
  const bool our_mistake = state == "08P01" && message.starts_with("bind message");
  if (const auto* meaning = our_mistake ? nullptr : meaning_of(state))
    throw Error{meaning->kind, meaning->code, meaning->sentence, meaning->hint}.with(
        Json{{"sqlstate", state}, {"message", message}});
  throw Error{ErrorKind::defect, "defect", fmt::format("PostgreSQL: {} ({}) in: {}", one_line(message), state, doing)};
}

bool ends_session(const PGresult* result) {
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

void throw_lost(std::string_view why, bool committing) {
  const auto reason = one_line(why);
  if (committing)
    throw Error{
        ErrorKind::precondition, "outcome_unknown",
        fmt::format("The server left us while the change was being committed, so it may stand or not ({}).", reason),
        "Look before you repeat it; with an --idempotency-key a repeat is safe."};
  throw Error{ErrorKind::temporary, "database_unreachable",
              fmt::format("The connection to the server was lost ({}).", reason),
              "Try again; nothing of this command was kept."};
}

std::string_view refused_state(std::string_view why) {
  constexpr std::string_view kBefore = ":  ";
  const auto at = why.rfind(kBefore);
  if (at == std::string_view::npos) return {};
  const auto state = why.substr(at + kBefore.size(), 5);
  const bool is_one = state.size() == 5 && std::ranges::all_of(state, [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                      });
  return is_one ? state : std::string_view();
}

void throw_unconnected(PGconn* connection, const Url& url) {
  const auto why = url.without_secrets(one_line(libpq().PQerrorMessage(connection)));
  switch (failure_of(connection, why)) {
    case Failure::no_database:
      throw Error{ErrorKind::precondition, "no_database",
                  fmt::format("There is no database at {} ({}).", url.display(), why),
                  "Make it with createdb, then run steward init."};
    case Failure::refused:
      throw Error{ErrorKind::precondition, "database_refused",
                  fmt::format("The server at {} refuses us ({}).", url.display(), why),
                  "Check the role, the password file (~/.pgpass) and the server's pg_hba.conf."};
    case Failure::not_a_url:
      throw Error{ErrorKind::usage, "invalid_database_url", fmt::format("The database's URL can't be used ({}).", why),
                  "Write it as postgresql://user@host:port/name?option=value."}
          .at("db");
    case Failure::unreachable:
      break;
  }
  throw Error{ErrorKind::temporary, "database_unreachable",
              fmt::format("The server at {} can't be reached ({}).", url.display(), why),
              "Check that it runs and that the URL names it, then try again."};
}

void require_no_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw Error{ErrorKind::usage, "invalid_text", "PostgreSQL keeps no text with a NUL character."};
}

}  // namespace steward::db::postgres
