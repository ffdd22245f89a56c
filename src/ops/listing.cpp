#include "ops/listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "ops/encoding.h"

namespace steward::ops {
namespace {

std::string names_of_columns(std::span<const Column> columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.emplace_back(column.name);
  return join(names, ", ");
}

const Column& find_column(std::span<const Column> columns, std::string_view name, std::string_view field) {
  for (const auto& column : columns)
    if (column.name == name || (column.kind == Kind::money && decimal_name(column.name) == name)) return column;
  throw Error{ErrorKind::usage, "invalid_column", fmt::format("There is no column '{}' here.", cut_to_width(name, 60)),
              fmt::format("Columns: {}.", names_of_columns(columns))}
      .at(field);
}

// A stored amount is within what money can be; a sum of them may not be (docs/contract.md, 2).
void require_sums_within_money(std::span<const Column* const> columns, const db::Row& row) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (const auto at = static_cast<int>(i); columns[i]->kind == Kind::money && !row.is_null(at))
      add_minor(row.integer(at), 0);
}

std::string_view sql_of(const Column& column) { return column.sql.empty() ? column.name : column.sql; }

bool is_number(const Column& column) {
  return column.kind == Kind::integer || column.kind == Kind::money || column.kind == Kind::boolean;
}

// A page's end: the sort key (empty unless sorted) and the unique key of its last row.
struct Cursor {
  std::string sort, key;
};

// `order` is the list and its order: a cursor is good for these alone, and the sum shows it.
std::string sum_of(const std::string& order, const Cursor& cursor) {
  return blake2b_hex(to_text(Json(Json::Array{order, cursor.sort, cursor.key}))).substr(0, 8);
}

std::string encode(const std::string& order, const Cursor& cursor) {
  return to_base64url(to_text(Json(Json::Array{cursor.sort, cursor.key, sum_of(order, cursor)})));
}

[[noreturn]] void refuse_cursor() {
  throw Error{ErrorKind::usage, "invalid_cursor", "The cursor is not one that a former page of this list printed.",
              "Pass page.next as it stands, with the same --sort."}
      .at("after");
}

struct SealedCursor {
  Cursor cursor;
  std::string seal;
};

SealedCursor read_cursor(std::string_view text) {
  try {
    const auto json = parse_json(from_base64url(text));
    const auto is_text = [](const Json& part) { return part.is_text(); };
    if (json.is_array() && json.items().size() == 3 && std::ranges::all_of(json.items(), is_text))
      return {{json.items()[0].text(), json.items()[1].text()}, json.items()[2].text()};
  } catch (const Error&) {
  }
  refuse_cursor();
}

Cursor decode(const std::string& order, std::string_view text) {
  auto [cursor, seal] = read_cursor(text);
  if (seal != sum_of(order, cursor)) refuse_cursor();
  return cursor;
}

struct Order {
  const Column* column;
  bool descending;
};

Order parse_order(std::span<const Column> columns, std::string_view text) {
  const auto colon = text.find(':');
  const auto& column = find_column(columns, text.substr(0, colon), "sort");
  const auto direction = colon == std::string_view::npos ? "asc" : to_lower(text.substr(colon + 1));
  if (direction != "asc" && direction != "desc")
    refuse_usage("invalid_column", "A list is sorted by COLUMN, COLUMN:asc or COLUMN:desc.", "sort");
  return {&column, direction == "desc"};
}

Json cell(const Column& column, const db::Row& row, int at) {
  if (row.is_null(at)) return {};
  switch (column.kind) {
    case Kind::integer:
      return Json(row.integer(at));
    case Kind::money:  // a sum may be beyond what JSON's readers take for a whole number
      return Json(add_minor(row.integer(at), 0));
    case Kind::boolean:
      return Json(row.boolean(at));
    case Kind::json:
      return parse_json(row.text(at));
    default:
      return Json(row.text(at));
  }
}

}  // namespace

void check_list(std::span<const Column> columns, const ListRequest& request) {
  for (const auto& name : request.columns) find_column(columns, name, "columns");
  if (!request.sort.empty()) parse_order(columns, request.sort);
  if (!request.after.empty()) read_cursor(request.after);
}

std::string_view decimal_name(std::string_view money_column) {
  constexpr std::string_view kSuffix = "_cents";
  return money_column.ends_with(kSuffix) ? money_column.substr(0, money_column.size() - kSuffix.size()) : money_column;
}

struct Listing::Query {
  std::string sql;
  std::vector<db::Value> args;
  std::vector<const Column*> columns;  ///< what the sink sees; behind them, unseen: sort value and key
  std::string count_sql;
  std::vector<db::Value> count_args;
  std::string sort;  ///< the expression sorted by before the key; empty: by the key alone
  bool sort_is_number = false;
  bool descending = true;
  std::optional<std::int64_t> limit;
  std::string order;  ///< what a cursor belongs to: the list and how it is sorted
};

db::Value Listing::keep(const db::Value& value) {
  if (value.type() != db::Value::Type::text) return value;
  texts_->emplace_back(value.text());
  return db::Value(std::string_view(texts_->back()));
}

Listing& Listing::where(std::string_view condition, std::initializer_list<db::Value> values) {
  Condition kept{std::string(condition), {}};
  for (const auto& value : values) kept.values.push_back(keep(value));
  conditions_.push_back(std::move(kept));
  return *this;
}

Listing& Listing::search(const std::optional<std::string>& text, std::initializer_list<std::string_view> in) {
  if (!text) return *this;
  std::string pattern = "%";
  for (const char c : to_lower(*text)) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  pattern += '%';
  std::vector<std::string> tests;
  Condition kept;
  for (const auto expression : in) {
    tests.push_back(fmt::format("lower({}) LIKE {{}} ESCAPE '\\'", expression));
    kept.values.push_back(keep(db::Value(pattern)));
  }
  kept.sql = "(" + join(tests, " OR ") + ")";
  conditions_.push_back(std::move(kept));
  return *this;
}

Listing& Listing::set(std::string_view name, db::Value value) {
  tokens_.emplace_back(std::string(name), keep(value));
  return *this;
}

// Replaces {name} by the placeholder of that token's value.
std::string Listing::with_tokens(std::string_view sql, std::vector<db::Value>& args) const {
  std::string out(sql);
  for (const auto& [name, value] : tokens_) {
    const auto token = "{" + name + "}";
    if (out.find(token) == std::string::npos) continue;
    args.push_back(value);
    const auto placeholder = fmt::format("${}", args.size());
    for (auto at = out.find(token); at != std::string::npos; at = out.find(token))
      out.replace(at, token.size(), placeholder);
  }
  return out;
}

void Listing::choose_columns(const ListRequest& request, Query& query) const {
  if (request.columns.empty()) {
    for (const auto& column : columns_)
      if (!request.table || column.shown == Shown::always) query.columns.push_back(&column);
  } else {
    for (const auto& name : request.columns) {
      const auto* column = &find_column(columns_, name, "columns");
      if (std::ranges::count(query.columns, column))
        refuse_usage("invalid_column", fmt::format("The column '{}' is named twice.", column->name), "columns");
      query.columns.push_back(column);
    }
  }
  // A money column needs its currency beside it, chosen or not.
  const auto chosen = query.columns;
  for (const auto* column : chosen)
    if (column->kind == Kind::money &&
        std::ranges::none_of(query.columns, [&](auto* c) { return c->name == column->currency; }))
      query.columns.push_back(&find_column(columns_, column->currency, "columns"));
}

void Listing::choose_order(const ListRequest& request, Query& query) const {
  query.descending = descending_;
  query.order = from_ + "\n" + key_;
  if (request.sort.empty()) return;
  const auto [chosen, descending] = parse_order(columns_, request.sort);
  const auto& column = *chosen;
  query.descending = descending;
  query.order += fmt::format("\n{}:{}", column.name, descending ? "desc" : "asc");
  query.sort_is_number = is_number(column);
  auto sql = with_tokens(sql_of(column), query.args);
  if (column.kind == Kind::boolean) sql = fmt::format("CAST({} AS integer)", sql);  // where it is a type of its own
  query.sort = fmt::format(query.sort_is_number ? fmt::runtime("coalesce({}, -9007199254740992)")
                                                : fmt::runtime("coalesce(CAST({} AS text), '')"),
                           sql);
}

std::string Listing::from_and_where(std::vector<db::Value>& args) const {
  std::string out = " FROM " + with_tokens(from_, args);
  std::string_view joint = " WHERE ";
  for (const auto& condition : conditions_) {
    std::string sql = with_tokens(condition.sql, args);
    for (const auto& value : condition.values) {
      args.push_back(value);
      sql.replace(sql.find("{}"), 2, fmt::format("${}", args.size()));
    }
    out.append(joint).append(sql);
    joint = " AND ";
  }
  return out;
}

// What comes after the cursor, in the list's order.
std::string Listing::after_cursor(const ListRequest& request, Query& query) const {
  if (request.after.empty()) return {};
  if (key_.empty()) refuse_usage("invalid_cursor", "A report has no pages, so it takes no cursor.", "after");
  const auto cursor = decode(query.order, request.after);
  const std::string joint = conditions_.empty() ? " WHERE " : " AND ";
  const char* than = query.descending ? "<" : ">";
  const auto place = [&](const std::string& text) {
    texts_->push_back(text);
    query.args.emplace_back(std::string_view(texts_->back()));
    return query.args.size();
  };
  if (query.sort.empty()) return joint + fmt::format("{} {} ${}", key_, than, place(cursor.key));
  const auto sort_at = place(cursor.sort), key_at = place(cursor.key);
  return joint + fmt::format("({}, {}) {} (CAST(${} AS {}), ${})", query.sort, key_, than, sort_at,
                             query.sort_is_number ? "bigint" : "text", key_at);
}

std::string Listing::order_and_limit(const Query& query) const {
  const char* way = query.descending ? " DESC" : "";
  std::vector<std::string> terms;
  if (!query.sort.empty()) terms.push_back(query.sort + way);
  if (!key_.empty())
    terms.push_back(key_ + way);
  else if (!order_by_.empty())
    terms.push_back(order_by_);
  auto out = terms.empty() ? std::string() : " ORDER BY " + join(terms, ", ");
  if (query.limit) out += fmt::format(" LIMIT {}", *query.limit + 1);
  return out;
}

std::string Listing::count_of_all(std::vector<db::Value>& args) const {
  if (group_by_.empty()) return "SELECT count(*)" + from_and_where(args);
  const auto rows = "SELECT 1 AS one" + from_and_where(args);
  return fmt::format("SELECT count(*) FROM ({} GROUP BY {}) rows", rows, with_tokens(group_by_, args));
}

Listing::Query Listing::compose(const ListRequest& request) const {
  Query query;
  if (!key_.empty() || request.limit_chosen) query.limit = request.limit;
  choose_columns(request, query);
  choose_order(request, query);
  std::vector<std::string> selected;
  for (const auto* column : query.columns) selected.push_back(with_tokens(sql_of(*column), query.args));
  query.sql = "SELECT " + join(selected, ", ");
  if (!key_.empty())
    query.sql +=
        query.sort.empty() ? fmt::format(", '', {}", key_) : fmt::format(", CAST({} AS text), {}", query.sort, key_);
  query.sql += from_and_where(query.args);
  query.sql += after_cursor(request, query);
  if (!group_by_.empty()) query.sql += " GROUP BY " + with_tokens(group_by_, query.args);
  query.sql += order_and_limit(query);
  if (request.total) query.count_sql = count_of_all(query.count_args);
  return query;
}

void Listing::stream(db::Tx& tx, const ListRequest& request, ListSink& sink) const {
  const auto query = compose(request);
  Page page{query.limit, {}, false, {}};
  if (!query.count_sql.empty())
    tx.connection().each(query.count_sql, query.count_args, [&](const db::Row& row) {
      page.total = row.integer(0);
      return false;
    });
  sink.begin(query.columns);
  const int width = static_cast<int>(query.columns.size());
  std::int64_t count = 0;
  Cursor last;
  tx.connection().each(query.sql, query.args, [&](const db::Row& row) {
    if (page.limit && count == *page.limit) {
      page.more = true;
      return false;
    }
    if (key_.empty()) require_sums_within_money(query.columns, row);
    ++count;
    if (page.limit && count == *page.limit && !key_.empty()) last = {row.str(width), row.str(width + 1)};
    sink.row(row);
    return true;
  });
  if (page.more && !key_.empty()) page.next = encode(query.order, last);
  sink.end(page);
}

namespace {
class Collector final : public ListSink {
 public:
  void begin(std::span<const Column* const> columns) override { columns_.assign(columns.begin(), columns.end()); }
  void row(const db::Row& row) override { records.push(record_of(columns_, row)); }
  void end(const Page&) override {}
  Json records = Json::array();

 private:
  std::vector<const Column*> columns_;
};
}  // namespace

Json Listing::records(db::Tx& tx) const {
  Collector collector;
  stream(tx, {}, collector);
  return std::move(collector.records);
}

Json Listing::record(db::Tx& tx) const {
  auto all = records(tx);
  return all.items().empty() ? Json() : std::move(all.items().front());
}

Json record_of(std::span<const Column* const> columns, const db::Row& row) {
  Json::Object out;
  const auto position = [&](std::string_view name) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i]->name == name) return static_cast<int>(i);
    return -1;
  };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = *columns[i];
    const int at = static_cast<int>(i);
    out.emplace_back(std::string(column.name), cell(column, row, at));
    if (column.kind != Kind::money) continue;
    const int currency = position(column.currency);
    Json decimal;
    if (!row.is_null(at) && currency >= 0 && !row.is_null(currency))
      decimal = decimal_text(row.integer(at), Currency::parse(row.text(currency)).exponent());
    out.emplace_back(std::string(decimal_name(column.name)), std::move(decimal));
  }
  return Json(std::move(out));
}

}  // namespace steward::ops
