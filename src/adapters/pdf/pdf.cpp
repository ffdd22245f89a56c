#include "adapters/pdf/pdf.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "adapters/pdf/module.h"
#include "core/error.h"

namespace steward::pdf {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "lib/steward/steward_pdf.so";

[[noreturn]] void missing(const std::string& why) {
  throw Error{ErrorKind::precondition, "pdf_module_missing", fmt::format("Documents can't be drawn: {}.", why),
              fmt::format("Keep {} beside the executable, or beside its folder; the build makes both. It needs Pango "
                          "(Debian: apt-get install libpangocairo-1.0-0).",
                          kFile)};
}

// Under the executable's folder (a build), or beside it (bin/ and lib/).
std::string module_file() {
  std::error_code none;
  const auto folder = fs::read_symlink("/proc/self/exe", none).parent_path();
  for (const auto& root : {folder, folder.parent_path()})
    if (fs::exists(root / kFile, none)) return (root / kFile).string();
  missing(fmt::format("there is no {} in {} or {}", kFile, folder.string(), folder.parent_path().string()));
}

// Its path stands in what the loader says.
std::string loader_error() {
  const char* said = ::dlerror();
  return said ? said : "the loader does not say why";
}

const Module& load() {
  const auto file = module_file();
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) missing(loader_error());
  const auto find = reinterpret_cast<decltype(&steward_pdf_module)>(::dlsym(library, "steward_pdf_module"));
  if (!find) missing(loader_error());
  const auto* module = find();
  if (module->interface != kInterface) missing(fmt::format("{} belongs to another steward, {}", file, module->version));
  return *module;
}

const Module& module() {
  static const Module& loaded = load();
  return loaded;
}

ErrorKind kind_of(Refusal::Kind kind) {
  if (kind == Refusal::Kind::usage) return ErrorKind::usage;
  return kind == Refusal::Kind::precondition ? ErrorKind::precondition : ErrorKind::defect;
}

}  // namespace

Pdf render(const Document& document) {
  auto made = module().render(document);
  const auto& refused = made.refusal;
  if (!refused.code.empty())
    throw Error{kind_of(refused.kind), refused.code, refused.sentence, refused.hint}.at(refused.field);
  return {std::move(made.bytes), made.pages};
}

}  // namespace steward::pdf
