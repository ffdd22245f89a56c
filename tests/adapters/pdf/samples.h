#pragma once
#include <string>
#include <vector>

#include "adapters/pdf/document.h"

// Documents as a studio sends them, for the tests of what draws them.
namespace steward::test {

inline pdf::Document sample_invoice() {
  pdf::Document out;
  out.title = "Invoice";
  out.number = "INV-2026-0001";
  out.date = "2026-03-02";
  out.studio = {"Atelier Nord GmbH", {"Lindenstraße 12", "10969 Berlin", "Tax number DE123456789"}, "", "#1F3A5F"};
  out.client = {"Ada Lovelace Ltd", {"12 St James's Square", "London SW1Y 4JH"}};
  out.facts = {{"Date", "2026-03-02"}, {"Due", "2026-04-01"}, {"Proposal", "PRO-2026-0004"}};
  out.tables = {pdf::table_of({{"Two days on site: the strategy workshop with the leadership team, travel included",
                                "2", "1200.00", "VAT 19 %", "2400.00"},
                               {"Follow-up report", "1", "450.00", "VAT 19 %", "450.00"},
                               {"Printed hand-outs", "24", "3.50", "VAT 7 %", "84.00"}})};
  out.tables[0].sums = {{"Net", "2934.00 EUR"},           {"VAT 19 % of 2850.00", "541.50 EUR"},
                        {"VAT 7 % of 84.00", "5.88 EUR"}, {"Total", "3481.38 EUR", true},
                        {"Paid", "1000.00 EUR"},          {"Outstanding", "2481.38 EUR", true}};
  out.payment = {{"Amount due", "2481.38 EUR"}, {"Reference", "INV-2026-0001"}, {"IBAN", "DE02120300000000202051"}};
  out.notes = "Thank you for two good days in London.";
  out.terms = "Payable within 30 days without deduction.";
  return out;
}

/// With that many lines, "Session 1" and on; every seventh goes on over a second line.
inline pdf::Document long_invoice(int lines) {
  auto out = sample_invoice();
  const auto sums = out.tables[0].sums;
  std::vector<pdf::Line> all;
  for (int i = 1; i <= lines; ++i)
    all.push_back({"Session " + std::to_string(i) +
                       (i % 7 ? "" : ", of which there is so much to say that it goes on over more than a single line"),
                   "1", "90.00", "VAT 19 %", "90.00"});
  out.tables = {pdf::table_of(all)};
  out.tables[0].sums = sums;
  return out;
}

/// For a client who writes in these letters.
inline pdf::Document invoice_to(const std::string& name, const std::vector<std::string>& address) {
  auto out = sample_invoice();
  out.client = {name, address};
  return out;
}

inline pdf::Document arabic_invoice() {
  return invoice_to("شركة النور للاستشارات (ذ.م.م)", {"شارع الملك فهد ١٢", "الرياض"});
}
inline pdf::Document hebrew_invoice() { return invoice_to("יעל כהן בע״מ", {"רחוב הרצל 5", "תל אביב"}); }
inline pdf::Document japanese_invoice() {
  return invoice_to("株式会社東京デザイン研究所", {"東京都渋谷区神南1丁目19番11号", "ワークショップ係"});
}
inline pdf::Document chinese_invoice() { return invoice_to("北京设计有限公司", {"北京市朝阳区建国路88号"}); }
inline pdf::Document korean_invoice() { return invoice_to("서울 디자인 주식회사", {"서울특별시 종로구"}); }
inline pdf::Document cyrillic_invoice() { return invoice_to("Павел Дворжак и сыновья", {"Москва, Тверская 7"}); }
inline pdf::Document devanagari_invoice() { return invoice_to("श्री कृष्ण परामर्श", {"नई दिल्ली"}); }

inline pdf::Document draft_invoice_document() {
  auto out = sample_invoice();
  out.number.clear();
  out.mark = pdf::Mark::draft;
  return out;
}
inline pdf::Document void_invoice_document() {
  auto out = sample_invoice();
  out.mark = pdf::Mark::voided;
  return out;
}

/// Words that no line holds, an amount of the largest kind, and terms of several pages.
inline pdf::Document wide_invoice() {
  auto out = invoice_to(std::string(200, 'm'), {std::string(300, 'x')});
  out.tables[0].rows[0] = {std::string(500, 'W'), "123456789.123456", "9007199254740.991", "Reverse charge",
                           "9007199254740.991"};
  out.tables[0].sums.push_back({"Total", "9007199254740.991 KWD", true});
  for (int i = 0; i < 300; ++i) out.terms += " Terms go on and on, sentence after sentence.";
  return out;
}

/// One line that is longer than a page.
inline pdf::Document tall_invoice() {
  auto out = sample_invoice();
  auto& text = out.tables[0].rows[0][0];
  text.clear();
  for (int i = 0; i < 1800; ++i) text += "word" + std::to_string(i) + " ";
  return out;
}

inline pdf::Document sample_statement() {
  using Is = pdf::Column::Is;
  auto out = sample_invoice();
  out.kind = pdf::Kind::statement;
  out.title = "Statement";
  out.number = "March 2026";
  out.payment.clear();
  const std::vector<pdf::Column> columns{{"Date", Is::brief}, {"Entry", Is::words}, {"Amount", Is::figure}};
  out.tables = {
      {"EUR", columns, {{"2026-03-02", "Provider payout", "600.00"}}, {{"Closing balance", "600.00 EUR", true}}},
      {"JPY", columns, {}, {{"Closing balance", "408000 JPY", true}}}};
  return out;
}

}  // namespace steward::test
