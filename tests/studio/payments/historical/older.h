#pragma once
#include "studio/commerce.h"

// What tests of older invoices begin with.
namespace steward::test {

inline constexpr auto kOlderHeader =
    "number,issue_date,due_date,client_email,client_name,client_address,client_country,amount,currency,tax,tax_amount,"
    "description,paid_amount,paid_date,reference,status,void_reason\n";

/// A line of that header, of fields by name; number, date, client, amount and currency are there unless said otherwise.
inline std::string older(const std::map<std::string, std::string>& fields) {
  std::map<std::string, std::string> all{{"number", "RE-1"},
                                         {"issue_date", "2025-11-03"},
                                         {"client_email", kClient},
                                         {"amount", "100.00"},
                                         {"currency", "EUR"}};
  for (const auto& [name, text] : fields) all[name] = text;
  std::string out, names = kOlderHeader;
  names.pop_back();
  for (const auto name : split(names, ',')) out += all[std::string(name)] + ",";
  out.back() = '\n';
  return out;
}

inline ops::RawArgs of_older(Sandbox& box, const std::string& rows, const ops::RawArgs& more = {}) {
  ops::RawArgs raw{{"historical", {"true"}}, {"file", {box.write("invoices.csv", kOlderHeader + rows)}}};
  raw.insert(more.begin(), more.end());
  return raw;
}

inline Json import_older(Sandbox& box, const std::string& rows, const ops::RawArgs& more = {}, const Call& call = {}) {
  return box.data("invoices.import", of_older(box, rows, more), call);
}

/// The bad lines that the import is refused for: "2 number number_taken; 3 amount invalid_money".
inline std::string bad_lines(Sandbox& box, const std::string& rows) {
  const auto digest = box.table_digest();
  const auto error = box.refusal("invoices.import", of_older(box, rows));
  CHECK(box.table_digest() == digest);
  if (error.code() != "invalid_lines") return error.code();
  std::string out;
  for (const auto& line : error.details().at("lines").items())
    out += fmt::format("{}{} {} {}", out.empty() ? "" : "; ", line.at("line").integer(),
                       line.at("field").is_null() ? "-" : line.at("field").text(), line.at("code").text());
  return out;
}

}  // namespace steward::test
