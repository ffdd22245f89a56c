#include "db/lookup.h"

#include "db/postgres/lookup.h"

namespace steward::db {

void ask_each(Connection& connection, std::string_view select, const Questions& questions, const Answered& answered) {
  if (questions.size() == 0) return;
  if (connection.engine() == Engine::postgres) return postgres::ask_each(connection, select, questions, answered);
  for (std::size_t asked = 0; asked < questions.size(); ++asked)
    connection.each(select, questions.row(asked), [&](const Row& row) {
      answered(asked, row);
      return true;
    });
}

}  // namespace steward::db
