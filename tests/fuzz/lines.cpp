// Bytes as a document's file of lines: the first says in which currency and with which tax. Whatever they hold they are
// lines that add up or one Error, and where the stream is cut into pieces makes no difference.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "check.h"
#include "core/error.h"
#include "db/migrations.h"
#include "db/open.h"
#include "db/tx.h"
#include "studio/lines/lines.h"

using namespace steward;

namespace {

constexpr auto kTaxes = R"sql(
  INSERT INTO taxes (id, code, treatment, rate_bp, valid_from, created_at) VALUES
    ('019c0000-0000-7000-8000-000000000001', 'VAT21', 'STANDARD', 2100, '2026-01-01', '2026-01-01T00:00:00.000Z'),
    ('019c0000-0000-7000-8000-000000000002', 'VAT7', 'STANDARD', 700, '2026-01-01', '2026-01-01T00:00:00.000Z'),
    ('019c0000-0000-7000-8000-000000000003', 'REVERSE', 'REVERSE_CHARGE', 0, '2026-01-01', '2026-01-01T00:00:00.000Z'),
    ('019c0000-0000-7000-8000-000000000004', 'LATER', 'STANDARD', 500, '2027-01-01', '2026-01-01T00:00:00.000Z')
)sql";

/// A database with those taxes, in a folder that is gone before the first input.
class Taxes {
 public:
  Taxes() : connection_(made()), tx_(*connection_, db::Access::write, Instant{0}) { tx_.exec(kTaxes); }
  db::Tx& tx() { return tx_; }

 private:
  static std::unique_ptr<db::Connection> made() {
    char folder[] = "/tmp/steward-fuzz-XXXXXX";
    must(::mkdtemp(folder) != nullptr);
    db::OpenOptions options{.access = db::Access::write, .create = true};
    auto out = db::open(db::Url::of_file(std::string(folder) + "/taxes.db"), options);
    db::migrate(*out, db::compiled_migrations(db::Engine::sqlite), Instant{0}, {});
    std::filesystem::remove_all(folder);  // what is open stays readable and writable
    return out;
  }

  std::unique_ptr<db::Connection> connection_;
  db::Tx tx_;
};

const char* const kCurrencies[] = {"EUR", "JPY", "KWD"};

std::string said_of(const Error& error) {
  must(error.kind() == ErrorKind::usage || error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found);
  return error.code() + error.what() + to_text(error.details());
}

void must_add_up(const lines::Breakdown& sums) {
  std::int64_t net = 0, by_tax = 0, gross = 0;
  for (const auto& line : sums.lines) net += line.net;
  for (const auto& group : sums.groups) {
    by_tax += group.net;
    gross += group.gross();
    must(group.net >= 0 && group.tax_amount >= 0);
  }
  must(net == sums.net() && net == by_tax && gross == sums.gross() && sums.gross() == sums.net() + sums.tax());
}

std::string read(std::string_view bytes, std::size_t at_once, Currency currency,
                 const std::optional<lines::TaxTerms>& tax) {
  static Taxes taxes;
  try {
    auto read = lines::read_lines(taxes.tx(), bytes_of(bytes, at_once), currency, tax, parse_date("2026-03-02"));
    must(!read.empty() && read.size() <= 1'000);
    for (const auto& line : read) must(line.net == lines::net_of(line.quantity, line.unit_price));
    const auto sums = lines::break_down(std::move(read));
    must_add_up(sums);
    return to_text(lines::lines_json(sums, currency)) + to_text(lines::taxes_json(sums, currency));
  } catch (const Error& error) {
    return said_of(error);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t how = 0;
  if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) < 0x08) {  // no text begins so
    how = static_cast<std::size_t>(bytes[0]);
    bytes.remove_prefix(1);
  }
  const auto currency = Currency::parse(kCurrencies[how % 3]);
  std::optional<lines::TaxTerms> tax;
  if (how >= 3) tax = lines::TaxTerms{"019c0000-0000-7000-8000-000000000001", "VAT21", "STANDARD", 2100};
  must(read(bytes, 64 * 1024, currency, tax) == read(bytes, 1, currency, tax));
  return 0;
}
