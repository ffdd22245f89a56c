#pragma once
#include <initializer_list>
#include <utility>

#include "db/connection.h"

namespace steward::db {

/// One transaction: begins here (IMMEDIATE for writes), rolls back when it goes out of scope unless commit() ran.
/// `now` is read once by the caller, so every row of a change carries the same instant.
class Tx {
 public:
  Tx(Connection& connection, Access access, Instant now) : connection_(connection), now_(now) {
    connection_.begin(access);
  }
  ~Tx() {
    if (!done_) connection_.rollback();
  }
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  const Instant& now() const { return now_; }  ///< UTC; one instant for the whole transaction
  Connection& connection() { return connection_; }
  void commit() {
    connection_.commit();
    done_ = true;
  }

  std::int64_t exec(std::string_view sql, std::initializer_list<Value> args = {}) {
    return connection_.exec(sql, {args.begin(), args.size()});
  }
  /// See Connection::post().
  void post(std::string_view sql, std::initializer_list<Value> args) {
    connection_.post(sql, {args.begin(), args.size()});
  }
  /// Calls `callback(row)` for each row.
  template <class Callback>
  void each(std::string_view sql, std::initializer_list<Value> args, Callback&& callback) {
    connection_.each(sql, {args.begin(), args.size()}, [&](const Row& row) {
      callback(row);
      return true;
    });
  }
  /// The first row, mapped; nullopt when there is none.
  template <class Map>
  auto first(std::string_view sql, std::initializer_list<Value> args, Map&& map)
      -> std::optional<decltype(map(std::declval<const Row&>()))> {
    std::optional<decltype(map(std::declval<const Row&>()))> out;
    connection_.each(sql, {args.begin(), args.size()}, [&](const Row& row) {
      out.emplace(map(row));
      return false;
    });
    return out;
  }
  /// Every row, mapped. For results that are small by nature.
  template <class Map>
  auto all(std::string_view sql, std::initializer_list<Value> args, Map&& map) {
    std::vector<decltype(map(std::declval<const Row&>()))> out;
    each(sql, args, [&](const Row& row) { out.push_back(map(row)); });
    return out;
  }
  std::optional<std::string> text(std::string_view sql, std::initializer_list<Value> args = {}) {
    auto cell = first(sql, args, [](const Row& row) { return row.maybe_text(0); });
    return cell ? *cell : std::nullopt;
  }
  /// 0 when there is no row or it is null.
  std::int64_t integer(std::string_view sql, std::initializer_list<Value> args = {}) {
    return first(sql, args, [](const Row& row) { return row.is_null(0) ? 0 : row.integer(0); }).value_or(0);
  }
  bool exists(std::string_view sql, std::initializer_list<Value> args = {}) {
    return first(sql, args, [](const Row&) { return true; }).has_value();
  }

 private:
  Connection& connection_;
  Instant now_;
  bool done_ = false;
};

}  // namespace steward::db
