#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "db/migrations.h"
#include "db/open.h"
#include "ops/actor.h"
#include "ops/files.h"
#include "ops/registry.h"
#include "ops/vault.h"

namespace steward::ops {

/// What an invocation stands on: resolved once from flags, variables and the configuration file by the surface.
struct House {
  Registry* registry = nullptr;
  db::Url url;
  std::chrono::milliseconds busy_timeout{30'000};
  std::string key_file;                              ///< empty: the database's path + ".key"
  std::string data_folder;                           ///< where the key file of a server's database lies, by its name
  std::optional<Instant> fixed_now;                  ///< STEWARD_NOW; admitted in a `local` database only
  std::optional<std::string> environment;            ///< --env; nullopt: whatever the database records
  std::string login;                                 ///< the operating system's name for who calls
  std::function<void(const std::string&)> progress;  ///< one line for a person who waits; may be empty
  std::function<void(const std::string&)> log;       ///< --verbose; may be empty, and is never handed a secret
  std::string document_logo, document_font;          ///< files, from [pdf] of the configuration; may be empty
  Json configuration;                                ///< effective values and their origins, for config show and doctor
  mutable std::string seen_environment;  ///< what the database turned out to record, for an error's envelope

  std::string key_path() const;
  /// Whether a file is the database's, or the key file: what no command may write anything else to.
  bool stands_on(const std::string& file) const;
  Instant now() const { return fixed_now ? *fixed_now : system_now(); }
  const std::vector<db::Migration>& migrations() const;
  /// Knows these instead of the compiled ones: an older or newer binary, in a test.
  void use_migrations(std::vector<db::Migration> known);

 private:
  mutable std::optional<std::vector<db::Migration>> migrations_;
};

/// One call of one operation.
struct Request {
  const Operation* operation = nullptr;
  RawArgs raw;
  ListRequest list;
  bool dry_run = false;
  bool yes = false;
  std::optional<std::string> idempotency_key;
  /// Which of one command's several subjects this call is about: each is a call of its own, and the idempotency key is
  /// the command's.
  struct Batch {
    std::shared_ptr<const std::vector<std::string>> subjects;  ///< of the whole command: there may be 100,000
    std::size_t at = 0;
  };
  std::optional<Batch> batch = {};
  std::optional<std::string> token;
  std::string request_id;
  std::function<bool(const std::string& question)> confirm;  ///< asks a person; empty when nobody is there
  /// Asks a person for a secret, without showing it; empty when nobody is there.
  std::function<std::string(const std::string& question)> ask_secret = {};
  /// Takes an answer that is a text, in pieces as they come, so that nobody holds the whole; empty: the text belongs
  /// into the answer's data, as "text".
  std::function<void(std::string_view piece)> take_text = {};
};

/// What a handler works with: one transaction, who asks, and the studio's clock and keys.
struct Context {
  db::Tx& tx;
  const House& house;
  const Operation& operation;
  const Request& request;
  const Actor& actor;
  Vault& vault;

  Instant now() const { return tx.now(); }
  const Zone& zone();  ///< studio.timezone, read once
  Date today() { return date_in(zone(), now()); }
  Date resolve(const DateOrSpan& when);
  Instant resolve(const InstantOrSpan& when, const std::optional<Zone>& zone = {});
  std::string new_id() const { return house.fixed_now ? new_uuid_of_fixed_clock(now().ms) : new_uuid(now().ms); }
  /// Whether two different people are asked for now; noted in the audit row while it is off.
  bool two_person();
  /// Runs another operation inside this transaction, with its own audit row (approvals do).
  Change run_nested(const Operation& nested, const RawArgs& raw, const Json& metadata);

  std::optional<Zone> zone_cache;
  bool two_person_waived = false;
  /// What is put in place with the change, just before it is committed: none of them stands while it does not.
  std::vector<std::shared_ptr<StagedFile>> files = {};
};

/// What a surface prints.
struct Answer {
  Json data;
  std::string sentence, next;
  std::vector<Warning> warnings;
  std::string environment;
  Actor actor;
  bool dry_run = false;
  bool streamed = false;  ///< the rows went to the sink
};

}  // namespace steward::ops
