#include "db/postgres/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/error.h"

namespace steward::db::postgres {
namespace {

constexpr const char* kFile = "libpq.so.5";

[[noreturn]] void missing(const char* why) {
  throw Error{
      ErrorKind::precondition, "postgres_client_missing",
      fmt::format("PostgreSQL's client library {} can't be used: {}.", kFile, why ? why : "it lacks a function"),
      "Install it (Debian: apt-get install libpq5)."};
}

template <class Function>
void find(void* library, const char* name, Function& into) {
  into = reinterpret_cast<Function>(::dlsym(library, name));
  if (!into) missing(::dlerror());
}

Library load() {
  void* library = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (!library) missing(::dlerror());
  Library out;
#define STEWARD_LIBPQ_FIND(name) find(library, #name, out.name);
  STEWARD_LIBPQ_FUNCTIONS(STEWARD_LIBPQ_FIND)
#undef STEWARD_LIBPQ_FIND
  return out;
}

}  // namespace

const Library& libpq() {
  static const Library loaded = load();
  return loaded;
}

}  // namespace steward::db::postgres
