#include "db/manifest.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace steward::db {
namespace {

/// BLAKE2b over cells, so that no two different rows give the same bytes.
class Digest {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, crypto_generichash_BYTES); }

  void null() { bytes("\0", 1); }
  void cell(std::string_view text) {
    unsigned char head[9] = {1};
    for (std::size_t i = 0; i < 8; ++i) head[i + 1] = static_cast<unsigned char>(text.size() >> (8 * i));
    bytes(reinterpret_cast<const char*>(head), sizeof head);
    bytes(text.data(), text.size());
  }
  std::string hex() {
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_final(&state_, hash, sizeof hash);
    std::string out(2 * sizeof hash + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), hash, sizeof hash);
    out.pop_back();
    return out;
  }

 private:
  void bytes(const char* data, std::size_t size) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(data), size);
  }
  crypto_generichash_state state_;
};

}  // namespace

TableDigest read_table(Connection& connection, const std::string& table, const std::function<void(const Row&)>& each) {
  const auto shape = connection.shape(table);
  Digest digest;
  for (const auto& column : shape.columns) digest.cell(column);
  TableDigest out{table, 0, {}};
  const auto sql = fmt::format("SELECT {} FROM {} ORDER BY {}", join(shape.columns, ", "), table,
                               join(shape.key.empty() ? shape.columns : shape.key, ", "));
  connection.each(sql, {}, [&](const Row& row) {
    for (int i = 0; i < row.size(); ++i)
      if (row.is_null(i))
        digest.null();
      else
        digest.cell(row.text(i));
    ++out.rows;
    if (each) each(row);
    return true;
  });
  out.hash = digest.hex();
  return out;
}

std::int64_t Manifest::rows() const {
  std::int64_t sum = 0;
  for (const auto& table : tables) sum += table.rows;
  return sum;
}

std::string Manifest::hash() const {
  Digest digest;
  for (const auto& table : tables)
    for (const auto& cell : {table.table, std::to_string(table.rows), table.hash}) digest.cell(cell);
  return digest.hex();
}

const TableDigest* Manifest::find(std::string_view table) const {
  const auto at = std::ranges::find(tables, table, &TableDigest::table);
  return at == tables.end() ? nullptr : &*at;
}

Manifest take_manifest(Connection& connection, const std::function<void(const std::string&)>& each) {
  Manifest out;
  connection.allow_long_statements();
  for (const auto& table : connection.tables()) {
    if (each) each(table);
    out.tables.push_back(read_table(connection, table, {}));
  }
  return out;
}

std::vector<std::string> differing_tables(const Manifest& a, const Manifest& b) {
  std::vector<std::string> out;
  for (const auto& table : a.tables) {
    const auto* other = b.find(table.table);
    if (!other || *other != table) out.push_back(table.table);
  }
  for (const auto& table : b.tables)
    if (!a.find(table.table)) out.push_back(table.table);
  std::ranges::sort(out);
  return out;
}

Json to_json(const Manifest& manifest) {
  Json out = Json::array();
  for (const auto& table : manifest.tables)
    out.push(Json{{"table", table.table}, {"rows", table.rows}, {"hash", table.hash}});
  return out;
}

Manifest manifest_of(const Json& tables) {
  Manifest out;
  const auto refuse = [] { refuse_usage("invalid_json", "This is no manifest of a backup."); };
  if (!tables.is_array()) refuse();
  for (const auto& table : tables.items()) {
    const auto *name = table.find("table"), *rows = table.find("rows"), *hash = table.find("hash");
    if (!name || !rows || !hash || !name->is_text() || !rows->is_integer() || !hash->is_text()) refuse();
    out.tables.push_back({name->text(), rows->integer(), hash->text()});
  }
  std::ranges::sort(out.tables, {}, &TableDigest::table);
  return out;
}

}  // namespace steward::db
