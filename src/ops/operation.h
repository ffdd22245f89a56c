#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/argument.h"
#include "ops/change.h"
#include "ops/column.h"
#include "ops/listing.h"

namespace steward::ops {

struct Context;
class System;

/// An operation's arguments as they arrive, by parameter name ("client-email"): from argv, JSON or a stored request.
/// A flag that is set holds {"true"}.
using RawArgs = std::map<std::string, std::vector<std::string>>;

/// `high` is what moves money, publishes, sends, changes permissions or destroys (docs/contract.md, 6).
enum class Risk { low, high };

enum class Role {
  user,
  admin,
  super_admin,
  affiliate,
  apprentice,
  associate,
  certified_consultant,
  staff,
  maestro,
  client,
  subscriber
};
inline constexpr std::array<std::string_view, 11> kRoleNames{
    "USER",  "ADMIN",   "SUPER_ADMIN", "AFFILIATE", "APPRENTICE", "ASSOCIATE", "CERTIFIED_CONSULTANT",
    "STAFF", "MAESTRO", "CLIENT",      "SUBSCRIBER"};
constexpr EnumNames names_of(Role) { return {"role", kRoleNames}; }

/// One argument of an operation.
struct Param {
  std::string name;  ///< "client-email"; "client_email" in JSON
  std::string help;
  TypeInfo type;
  bool positional = false;
  bool subject = false;  ///< positional, and several may be given: each is a run of its own
  bool required = false;
  bool repeated = false;
  bool flag = false;       ///< takes no value
  bool secret = false;     ///< never in logs, audit, stored requests
  bool clearable = false;  ///< --clear NAME empties it
  std::function<void(void* args, const std::vector<std::string>& texts, bool clear)> read;

  std::string json_name() const;
};

/// Everything there is to know of one thing steward can do. Surfaces (shell, completion, reference, MCP) are views of
/// it.
struct Operation {
  enum class Form {
    list,    ///< streams records
    show,    ///< one record, or a report that is one object
    write,   ///< a Change in one transaction
    manage,  ///< works on the database as a whole, or on none (init, backup, version)
  };

  std::string path;     ///< "invoices.issue"
  std::string summary;  ///< "Number a draft invoice and make it due"
  std::string details;  ///< more for the help and the reference; may be empty
  std::vector<Param> params;
  std::string scope;  ///< "invoices:write"
  Risk risk = Risk::low;
  bool open = false;           ///< a read without personal data: needs no token anywhere
  bool second_person = false;  ///< a person's call waits for another person's approval while controls.two_person is on
  Gravity most_gravity = Gravity::declared;  ///< what some calls ask for beyond `risk` (Change::gravity)
  std::vector<Role> roles;                   ///< beside ADMIN and SUPER_ADMIN, who may call it
  std::vector<std::string> examples;
  std::span<const Column> columns{};
  Form form = Form::show;
  bool writes_database = false;  ///< every write; of the manage form, those that change the database

  std::function<std::shared_ptr<void>()> make_args;
  std::function<void(const void*)> check_args;  ///< rules between arguments; may be empty
  std::function<Listing(Context&, const void*)> list;
  std::function<Json(Context&, const void*)> show;
  std::function<Change(Context&, const void*)> write;
  std::function<Change(System&, const void*)> manage;

  std::string group() const { return path.substr(0, path.find('.')); }
  std::string words() const;  ///< "invoices issue"
  const Param* find(std::string_view name) const;
  const Param* subject() const;
};

/// Reads `raw` into a fresh argument struct.
/// Errors: usage "unknown_argument", "missing_argument", "repeated_argument", and those of the types, each with its
/// field.
std::shared_ptr<void> parse_args(const Operation& operation, const RawArgs& raw);

/// The raw arguments of a JSON object ({"client_email": "a@b.example", "scope": ["a", "b"]}).
/// Errors: usage "unknown_argument", "invalid_json" for a nested value.
RawArgs raw_args_of(const Operation& operation, const Json& object);
/// The other way round, without secrets: what is stored in an approval request.
Json json_of(const Operation& operation, const RawArgs& raw);

}  // namespace steward::ops
