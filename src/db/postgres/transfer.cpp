#include "db/postgres/transfer.h"

#include <fmt/format.h>

#include "core/text.h"
#include "db/postgres/engine.h"
#include "db/postgres/errors.h"
#include "db/postgres/wire.h"

namespace steward::db::postgres {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

constexpr auto kParents = R"sql(
  SELECT DISTINCT p.relname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
   WHERE k.conrelid = CAST($1 AS regclass) AND k.contype = 'f' ORDER BY 1
)sql";
constexpr auto kPlace = R"sql(
  SELECT CAST(c.system_identifier AS text) || '/' || current_database() || '/' || current_schema()
    FROM pg_catalog.pg_control_system() c
)sql";

/// One cell in COPY's text format (https://www.postgresql.org/docs/15/sql-copy.html, "Text Format").
void append_cell(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
}

void append_value(std::string& out, const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      out += "\\N";
      return;
    case Value::Type::boolean:
      out += value.integer() ? 't' : 'f';
      return;
    case Value::Type::integer:
      out += fmt::format_int(value.integer()).c_str();
      return;
    default:
      require_no_nul(value.text());
      append_cell(out, value.text());
  }
}

class Rows final : public BulkInsert {
 public:
  Rows(Wire& wire, std::string_view table, const std::vector<std::string>& columns) : wire_(wire) {
    wire_.begin_copy(fmt::format("COPY {} ({}) FROM STDIN", table, join(columns, ", ")));
    open_ = true;
  }
  ~Rows() override {
    if (open_) wire_.abandon_copy();
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  void add(const Row& row) override {
    for (int i = 0; i < row.size(); ++i) {
      if (i > 0) lines_ += '\t';
      if (row.is_null(i))
        lines_ += "\\N";
      else
        append_cell(lines_, row.text(i));
    }
    end_line();
  }
  void add(std::span<const Value> values) override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) lines_ += '\t';
      append_value(lines_, values[i]);
    }
    end_line();
  }
  void finish() override {
    send();
    open_ = false;
    wire_.end_copy();
  }

 private:
  void end_line() {
    lines_ += '\n';
    if (lines_.size() >= kBuffer) send();
  }
  void send() {
    wire_.copy(lines_);
    lines_.clear();
  }

  Wire& wire_;
  std::string lines_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<BulkInsert> bulk_insert(Connection& connection, std::string_view table,
                                        const std::vector<std::string>& columns) {
  return std::make_unique<Rows>(*wire_of(connection), table, columns);
}

std::vector<std::string> parents(Connection& connection, std::string_view table) {
  std::vector<std::string> out;
  const Value args[] = {table};
  connection.each(kParents, args, [&](const Row& row) {
    out.push_back(row.str(0));
    return true;
  });
  return out;
}

std::string place(Connection& connection) {
  std::string out;
  connection.each(kPlace, {}, [&](const Row& row) {
    out = row.str(0);
    return false;
  });
  return out;
}

}  // namespace steward::db::postgres
