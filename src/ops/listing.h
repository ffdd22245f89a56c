#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/tx.h"
#include "ops/column.h"

namespace steward::ops {

/// How much of a list is wanted, and in which order; the same for every list (docs/contract.md, 3).
struct ListRequest {
  std::optional<std::int64_t> limit;  ///< rows; nullopt: all
  bool limit_chosen = false;          ///< somebody asked for it: a report, which has no pages, heeds no other
  std::string after;                  ///< a cursor from a former page
  std::string sort;                   ///< "column" or "column:desc"; empty: the list's own order
  std::vector<std::string> columns;   ///< empty: those the list shows by itself
  bool total = false;
  bool table = false;  ///< leave out Shown::record columns
};

/// Refuses columns and an order that the list does not have, and a cursor that no page printed, before anything is
/// read. Errors: usage "invalid_column", "invalid_cursor".
void check_list(std::span<const Column> columns, const ListRequest& request);

/// What came out, beside the rows.
struct Page {
  std::optional<std::int64_t> limit;
  std::string next;  ///< empty: that was all
  bool more = false;
  std::optional<std::int64_t> total;
};

/// Takes a list's rows as they come; nothing holds the whole result.
class ListSink {
 public:
  virtual ~ListSink() = default;
  virtual void begin(std::span<const Column* const> columns) = 0;
  virtual void row(const db::Row& row) = 0;
  virtual void end(const Page& page) = 0;
};

/// A query in parts, so that paging, sorting, choosing columns and counting are written once for every list.
/// SQL text may hold {name} tokens for values that were set(), and where() takes {} for its own.
class Listing {
 public:
  Listing(std::span<const Column> columns, std::string from) : columns_(columns), from_(std::move(from)) {}

  /// Adds "AND condition"; each {} in it stands for the next value.
  Listing& where(std::string_view condition, std::initializer_list<db::Value> values = {});
  /// Adds the condition only when there is a value.
  template <class T>
  Listing& where_if(std::string_view condition, const std::optional<T>& value) {
    if (value) where(condition, {db::Value(*value)});
    return *this;
  }
  /// A case-insensitive search for a piece of text in any of these SQL expressions.
  Listing& search(const std::optional<std::string>& text, std::initializer_list<std::string_view> in);
  /// Gives a {name} token of the columns or the FROM its value.
  Listing& set(std::string_view name, db::Value value);
  /// The unique key that makes the order total; rows come newest first when `descending`.
  Listing& key(std::string sql, bool descending = true) {
    key_ = std::move(sql);
    descending_ = descending;
    return *this;
  }
  /// Makes this a report: grouped, ordered by `order_by` after what is asked for; it is small and has no pages. A sum
  /// of money beyond 2^53-1 minor units is refused: usage "amount_too_large".
  Listing& grouped(std::string group_by, std::string order_by) {
    group_by_ = std::move(group_by);
    order_by_ = std::move(order_by);
    return *this;
  }

  std::span<const Column> columns() const { return columns_; }

  /// Runs it into the sink. Errors: usage "invalid_column", "invalid_cursor"; both name what is allowed.
  void stream(db::Tx& tx, const ListRequest& request, ListSink& sink) const;
  /// The first record, with every column, as `show` prints it; null when there is none.
  Json record(db::Tx& tx) const;
  /// Every record. For what is small by nature (a history).
  Json records(db::Tx& tx) const;

 private:
  struct Query;
  db::Value keep(const db::Value& value);
  std::string with_tokens(std::string_view sql, std::vector<db::Value>& args) const;
  Query compose(const ListRequest& request) const;
  void choose_columns(const ListRequest& request, Query& query) const;
  void choose_order(const ListRequest& request, Query& query) const;
  std::string from_and_where(std::vector<db::Value>& args) const;
  std::string after_cursor(const ListRequest& request, Query& query) const;
  std::string order_and_limit(const Query& query) const;
  std::string count_of_all(std::vector<db::Value>& args) const;

  std::span<const Column> columns_;
  std::string from_, key_, group_by_, order_by_;
  bool descending_ = true;
  struct Condition {
    std::string sql;
    std::vector<db::Value> values;
  };
  std::vector<Condition> conditions_;
  std::vector<std::pair<std::string, db::Value>> tokens_;
  std::shared_ptr<std::deque<std::string>> texts_ =
      std::make_shared<std::deque<std::string>>();  ///< what the values point at
};

/// The record a row makes, by these columns: money gets its decimal text, JSON is nested, booleans are booleans.
Json record_of(std::span<const Column* const> columns, const db::Row& row);

}  // namespace steward::ops
