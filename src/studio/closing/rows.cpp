#include "studio/closing/rows.h"

namespace steward::closing {
namespace {

using ops::Kind;

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "c.id"},
    {.name = "until_date", .sql = "c.until_date", .kind = Kind::date, .help = "The last day that is closed"},
    {.name = "created_at", .sql = "c.created_at", .kind = Kind::instant},
    {.name = "closed_by", .sql = "c.closed_by", .shown = ops::Shown::record},
    {.name = "closed_by_email", .sql = "u.email"},
    {.name = "actor", .sql = "c.actor", .help = "A person's id, or operator:LOGIN"},
};

constexpr auto kLast = "SELECT id, until_date FROM book_closings ORDER BY until_date DESC LIMIT 1";
constexpr auto kOf = "SELECT id, until_date FROM book_closings WHERE until_date >= $1 ORDER BY until_date LIMIT 1";
constexpr auto kUntil = "SELECT id, until_date FROM book_closings WHERE until_date = $1";
constexpr auto kInsert =
    "INSERT INTO book_closings (id, until_date, closed_by, actor, created_at) VALUES ($1, $2, $3, $4, $5)";

Closing read_closing(const db::Row& row) { return {{row.str(0)}, parse_date(row.text(1))}; }

}  // namespace

const std::span<const ops::Column> kClosingColumns = kColumns;

ops::Listing closing_listing() {
  ops::Listing listing(kColumns, "book_closings c LEFT JOIN users u ON u.id = c.closed_by");
  listing.key("c.id");
  return listing;
}

Json closing_record(db::Tx& tx, const ClosingId& id) { return closing_listing().where("c.id = {}", {id}).record(tx); }

std::optional<Closing> last_closing(db::Tx& tx) { return tx.first(kLast, {}, read_closing); }

std::optional<Closing> closing_of(db::Tx& tx, Date date) { return tx.first(kOf, {date}, read_closing); }

std::optional<Closing> closing_until(db::Tx& tx, Date until) { return tx.first(kUntil, {until}, read_closing); }

std::int64_t waiting_bank_lines(db::Tx& tx, Date until) {
  return tx.integer("SELECT count(*) FROM bank_lines WHERE status = 'UNMATCHED' AND booked_on <= $1", {until});
}

void insert_closing(ops::Context& context, const Closing& closing) {
  context.tx.exec(kInsert, {closing.id, closing.until, context.actor.user_id, context.actor.id, context.now()});
}

}  // namespace steward::closing
