#include "studio/invoices/rows.h"

namespace steward::invoices {
namespace {

using ops::Kind;
using ops::Shown;

constexpr std::string_view kOpen =
    "i.status IN ('ISSUED', 'PARTIALLY_PAID') AND i.paid_cents < i.amount_cents - i.credited_cents";

constexpr ops::Column kColumns[] = {
    {.name = "id", .sql = "i.id"},
    {.name = "number", .sql = "i.number"},
    {.name = "client_email", .sql = "i.client_email"},
    {.name = "amount_cents", .sql = "i.amount_cents", .kind = Kind::money},
    {.name = "currency", .sql = "i.currency"},
    {.name = "status", .sql = "i.status"},
    {.name = "net_cents", .sql = "i.amount_cents - i.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "tax_cents", .sql = "i.tax_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "credited_cents",
     .sql = "i.credited_cents",
     .kind = Kind::money,
     .shown = Shown::record,
     .help = "Taken off by credit notes"},
    {.name = "paid_cents", .sql = "i.paid_cents", .kind = Kind::money, .shown = Shown::record},
    {.name = "outstanding_cents",
     .sql = "CASE WHEN i.status IN ('ISSUED', 'PARTIALLY_PAID') THEN i.amount_cents - i.credited_cents - i.paid_cents "
            "ELSE 0 END",
     .kind = Kind::money},
    {.name = "credit_cents",
     .sql = "CASE WHEN i.paid_cents > i.amount_cents - i.credited_cents THEN i.paid_cents - i.amount_cents + "
            "i.credited_cents ELSE 0 END",
     .kind = Kind::money,
     .shown = Shown::record,
     .help = "Received beyond what was asked for"},
    {.name = "issue_date", .sql = "i.issue_date", .kind = Kind::date, .shown = Shown::record},
    {.name = "due_date", .sql = "i.due_date", .kind = Kind::date},
    {.name = "overdue",
     .sql = "CASE WHEN i.status IN ('ISSUED', 'PARTIALLY_PAID') AND i.due_date < {today} AND i.paid_cents < "
            "i.amount_cents - i.credited_cents THEN 1 ELSE 0 END",
     .kind = Kind::boolean,
     .help = "Past its due date in studio.timezone, and not paid in full"},
    {.name = "proposal_id", .sql = "i.proposal_id", .shown = Shown::record},
    {.name = "proposal_number", .sql = "p.number", .shown = Shown::record},
    {.name = "intake_request_id", .sql = "i.intake_request_id", .shown = Shown::record},
    {.name = "deal_id", .sql = "i.deal_id", .shown = Shown::record},
    {.name = "issued_at", .sql = "i.issued_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "paid_at", .sql = "i.paid_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "voided_at", .sql = "i.voided_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "void_reason", .sql = "i.void_reason", .shown = Shown::record},
    {.name = "created_by", .sql = "i.created_by", .shown = Shown::record},
    {.name = "created_by_email", .sql = "u.email", .shown = Shown::record},
    {.name = "version", .sql = "i.version", .kind = Kind::integer, .shown = Shown::record},
    {.name = "created_at", .sql = "i.created_at", .kind = Kind::instant, .shown = Shown::record},
    {.name = "updated_at", .sql = "i.updated_at", .kind = Kind::instant, .shown = Shown::record},
};

// The payments room stands above this one, so an invoice's own view of its payments is read here.
constexpr ops::Column kPaymentColumns[] = {
    {.name = "id", .sql = "y.id"},
    {.name = "kind", .sql = "y.kind"},
    {.name = "amount_cents", .sql = "y.amount_cents", .kind = Kind::money},
    {.name = "currency", .sql = "y.currency"},
    {.name = "status", .sql = "y.status"},
    {.name = "paid_at", .sql = "y.paid_at", .kind = Kind::instant},
    {.name = "reference", .sql = "y.reference"},
};

// Days past due: {d30} is the day 30 days ago. What falls due today is current.
constexpr ops::Column kAging[] = {
    {.name = "currency", .sql = "i.currency"},
    {.name = "invoices", .sql = "count(*)", .kind = Kind::integer},
    {.name = "current_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date >= {today} THEN i.amount_cents - i.credited_cents - i.paid_cents ELSE 0 "
            "END) AS bigint)",
     .kind = Kind::money,
     .help = "Not yet due"},
    {.name = "days_1_30_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date < {today} AND i.due_date >= {d30} THEN i.amount_cents - i.credited_cents - "
            "i.paid_cents"
            " ELSE 0 END) AS bigint)",
     .kind = Kind::money},
    {.name = "days_31_60_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date < {d30} AND i.due_date >= {d60} THEN i.amount_cents - i.credited_cents - "
            "i.paid_cents"
            " ELSE 0 END) AS bigint)",
     .kind = Kind::money},
    {.name = "days_61_90_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date < {d60} AND i.due_date >= {d90} THEN i.amount_cents - i.credited_cents - "
            "i.paid_cents"
            " ELSE 0 END) AS bigint)",
     .kind = Kind::money},
    {.name = "days_over_90_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date < {d90} THEN i.amount_cents - i.credited_cents - i.paid_cents ELSE 0 END) "
            "AS bigint)",
     .kind = Kind::money},
    {.name = "outstanding_cents",
     .sql = "CAST(sum(i.amount_cents - i.credited_cents - i.paid_cents) AS bigint)",
     .kind = Kind::money,
     .help = "All of it together"},
};

constexpr ops::Column kTotals[] = {
    {.name = "currency", .sql = "i.currency"},
    {.name = "invoices", .sql = "count(*)", .kind = Kind::integer},
    {.name = "invoiced_cents", .sql = "CAST(sum(i.amount_cents) AS bigint)", .kind = Kind::money},
    {.name = "tax_cents", .sql = "CAST(sum(i.tax_cents) AS bigint)", .kind = Kind::money, .help = "Within it"},
    {.name = "credited_cents", .sql = "CAST(sum(i.credited_cents) AS bigint)", .kind = Kind::money},
    {.name = "paid_cents", .sql = "CAST(sum(i.paid_cents) AS bigint)", .kind = Kind::money},
    {.name = "outstanding_cents",
     .sql = "CAST(sum(CASE WHEN i.paid_cents < i.amount_cents - i.credited_cents THEN i.amount_cents - "
            "i.credited_cents - i.paid_cents ELSE 0 END) AS bigint)",
     .kind = Kind::money},
    {.name = "overdue_cents",
     .sql = "CAST(sum(CASE WHEN i.due_date < {today} AND i.paid_cents < i.amount_cents - i.credited_cents THEN "
            "i.amount_cents - i.credited_cents - i.paid_cents"
            " ELSE 0 END) AS bigint)",
     .kind = Kind::money},
    {.name = "credit_cents",
     .sql = "CAST(sum(CASE WHEN i.paid_cents > i.amount_cents - i.credited_cents THEN i.paid_cents - i.amount_cents + "
            "i.credited_cents ELSE 0 END) AS bigint)",
     .kind = Kind::money,
     .help = "Received beyond what was asked for: the clients'"},
};

}  // namespace

const std::span<const ops::Column> kInvoiceColumns = kColumns;
const std::span<const ops::Column> kAgingColumns = kAging;
const std::span<const ops::Column> kTotalsColumns = kTotals;

ops::Listing invoice_listing(ops::Context& context) {
  ops::Listing listing(
      kColumns, "invoices i LEFT JOIN proposals p ON p.id = i.proposal_id LEFT JOIN users u ON u.id = i.created_by");
  listing.set("today", context.today()).key("i.id");
  return listing;
}

Json invoice_record(ops::Context& context, const InvoiceId& id) {
  return invoice_listing(context).where("i.id = {}", {id}).record(context.tx);
}

Json payments_of(db::Tx& tx, const InvoiceId& id) {
  return ops::Listing(kPaymentColumns, "payments y").where("y.invoice_id = {}", {id}).key("y.id", false).records(tx);
}

ops::Listing aging(ops::Context& context) {
  const auto ago = [&](int days) { return context.today() + std::chrono::days{-days}; };
  ops::Listing listing(kAging, "invoices i");
  listing.set("today", context.today()).set("d30", ago(30)).set("d60", ago(60)).set("d90", ago(90));
  return listing.where(kOpen).grouped("i.currency", "i.currency");
}

ops::Listing totals(ops::Context& context) {
  ops::Listing listing(kTotals, "invoices i");
  listing.set("today", context.today()).where("i.status IN ('ISSUED', 'PARTIALLY_PAID', 'PAID')");
  return listing.grouped("i.currency", "i.currency");
}

}  // namespace steward::invoices
