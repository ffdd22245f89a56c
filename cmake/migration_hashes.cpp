// Run while steward is built: writes the C++ that holds the hashes of the compiled-in migrations
// (src/db/migration_text.h).
#include <cstdio>
#include <span>

#include "core/embedded.h"
#include "db/migration_text.h"

namespace {

void write_hashes(const char* engine, std::span<const steward::EmbeddedFile> files) {
  std::printf("static const std::string_view %s[] = {\n", engine);
  for (const auto& file : files) std::printf("    \"%s\",\n", steward::db::sha256_of_sql(file.text).c_str());
  std::printf("};\nconst std::span<const std::string_view> migration_hashes_%s{%s};\n", engine, engine);
}

}  // namespace

int main() {
  std::puts("#include \"db/migration_text.h\"\n\nnamespace steward::db {");
  write_hashes("sqlite", steward::embedded_migrations_sqlite);
  write_hashes("postgres", steward::embedded_migrations_postgres);
  std::puts("}");
}
