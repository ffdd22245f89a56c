#include "support/postgres_session.h"

#include <stdexcept>

#include "db/postgres/library.h"
#include "support/postgres.h"

namespace steward::test {
namespace {

using db::postgres::libpq;

PGconn* handle(void* connection) { return static_cast<PGconn*>(connection); }

std::string without_end(std::string_view message) {
  return std::string(message.substr(0, message.find_last_not_of('\n') + 1));
}

struct Clear {
  void operator()(PGresult* result) const { libpq().PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

std::string error_of(const Answer& answer) {
  const auto status = libpq().PQresultStatus(answer.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return "";
  const auto* message = libpq().PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_PRIMARY);
  return message ? message : "the server is gone";
}

// The last statement's answer.
Answer run(void* connection, const std::string& statements) {
  if (!libpq().PQsendQuery(handle(connection), statements.c_str()))
    throw std::runtime_error(without_end(libpq().PQerrorMessage(handle(connection))));
  Answer last;
  std::string error;
  while (Answer next{libpq().PQgetResult(handle(connection))}) {
    if (error.empty()) error = error_of(next);
    last = std::move(next);
  }
  if (!error.empty()) throw std::runtime_error(error);
  return last;
}

}  // namespace

void PostgresSession::Closer::operator()(void* connection) const { libpq().PQfinish(handle(connection)); }

PostgresSession::PostgresSession(const std::string& where) {
  const char* names[] = {"dbname", nullptr};
  const char* values[] = {where.c_str(), nullptr};
  connection_.reset(libpq().PQconnectdbParams(names, values, 1));
  if (libpq().PQstatus(handle(connection_.get())) != CONNECTION_OK)
    throw std::runtime_error(without_end(libpq().PQerrorMessage(handle(connection_.get()))));
  script("SET client_min_messages = warning");
}

PostgresSession PostgresSession::in_scratch() {
  PostgresSession session(Postgres::server().url());
  session.script("BEGIN; CREATE SCHEMA scratch; SET LOCAL search_path = scratch");
  return session;
}

void PostgresSession::script(const std::string& statements) { run(connection_.get(), statements); }

std::vector<std::vector<std::string>> PostgresSession::rows(const std::string& query) {
  const auto answer = run(connection_.get(), query);
  std::vector<std::vector<std::string>> out;
  for (int row = 0; row < libpq().PQntuples(answer.get()); ++row) {
    auto& cells = out.emplace_back();
    for (int column = 0; column < libpq().PQnfields(answer.get()); ++column)
      cells.emplace_back(libpq().PQgetvalue(answer.get(), row, column));
  }
  return out;
}

std::string PostgresSession::refusal(const std::string& statements) {
  script("SAVEPOINT before");
  std::string message;
  try {
    script(statements);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  script("ROLLBACK TO SAVEPOINT before");
  return message;
}

}  // namespace steward::test
