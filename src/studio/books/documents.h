#pragma once
#include "studio/books/rows.h"

namespace steward::books {

/// Invoices, those that were voided, and credit notes, with their taxes.
void each_document(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken);
/// Money received, given back and moved between invoices, and what of it was reversed.
void each_movement(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken);
/// What people earned, by the day it was booked, what of it was voided, and what was paid out.
void each_earning(db::Tx& tx, const Accounts& accounts, const Period& period, const Taker& taken);

}  // namespace steward::books
