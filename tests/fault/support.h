#pragma once
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <catch2/catch.hpp>

#include "support/sandbox.h"
#include "system/database/support.h"

namespace steward::test {

inline bool long_run() { return std::getenv("STEWARD_LONG") != nullptr; }

/// An invoice of 500.00 EUR that waits for its money; answers its number.
inline std::string issued_invoice(Sandbox& box, const std::string& amount = "500.00") {
  const auto made =
      box.data("invoices.create", {{"client-email", {"a@b.example"}}, {"amount", {amount}}, {"currency", {"EUR"}}});
  return box.data("invoices.issue", {{"invoice", {made.at("id").text()}}}).at("number").text();
}

/// Moves everything into the file itself, so that it may be copied or damaged.
inline void fold(const Sandbox& box) { box.sql("PRAGMA wal_checkpoint(TRUNCATE)"); }

/// Integrity, references, the audit chain and, where the schema is the newest, the books.
inline void require_whole(Sandbox& box) {
  REQUIRE(box.damage().empty());
  REQUIRE(box.data("audit.verify").at("verdict").text() == "intact");
  if (box.value("SELECT count(*) FROM app_migrations") == std::to_string(db::compiled_migrations(engine()).size()))
    REQUIRE(box.error_code("ledger.check").empty());
}

/// Every file of a folder, by name, with its bytes.
using Files = std::map<std::string, std::string>;

inline Files files_in(const std::string& folder) {
  Files out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    out[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return out;
}

/// A folder with a database in it that is put back to what it was before every attempt at something.
class Scene {
 public:
  /// Takes the sandbox's database and key file there, and points the sandbox at them.
  explicit Scene(Sandbox& box) : box_(box), folder_(box.path("scene")) {
    fold(box);
    std::filesystem::create_directory(folder_);
    for (const auto* beside : {"", ".key"})
      std::filesystem::copy_file(box.database() + beside, path(std::string("steward.db") + beside));
    box.use_database(path("steward.db"));
    keep();
  }
  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  /// What is there now is what reset() goes back to.
  void keep() {
    fold(box_);
    for (const auto* beside : {"-wal", "-shm"}) std::filesystem::remove(box_.database() + beside);
    files_ = files_in(folder_);
    manifest_ = manifest_of(box_);
  }
  const Files& kept() const { return files_; }
  const db::Manifest& manifest() const { return manifest_; }  ///< of the database as it was kept
  /// From the next reset() on this file has that content.
  void damage(const std::string& name, std::string content) { files_[name] = std::move(content); }
  void reset() const {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    for (const auto& [name, content] : files_) {
      std::ofstream(path(name), std::ios::binary) << content;
      std::filesystem::permissions(path(name), std::filesystem::perms(0600));
    }
  }

 private:
  Sandbox& box_;
  std::string folder_;
  Files files_;
  db::Manifest manifest_;
};

/// Nothing but these is in the folder. Where one is written ".before-0007.bak" or ".replaced-.bak", the name may also
/// carry a count or an instant.
inline void require_no_strays(const Scene& scene, const std::set<std::string>& names) {
  static const std::regex kCount("-[0-9]{1,2}\\.bak"), kInstant("\\.(replaced|damaged)-[0-9]{8}T[0-9]{6}Z");
  for (const auto& name : names_in(scene.folder())) {
    INFO("stray: " << name);
    const auto plain = std::regex_replace(std::regex_replace(name, kInstant, ".$1-"), kCount, ".bak");
    REQUIRE(names.contains(plain));
  }
}

}  // namespace steward::test
