#pragma once
#include <utility>

#include "core/error.h"
#include "ops/operation.h"

namespace steward::ops {

/// Declares one operation whose arguments are the members of Args. A member's type is the argument's type:
/// std::optional makes it optional, bool a flag, std::vector repeatable, Patch an option that --clear can empty.
///
///     registry.add(ops::declare<IssueArgs>("invoices.issue", "Number a draft invoice and make it due")
///                      .subject("invoice", &IssueArgs::invoice, "Number, id, or unique tail of an id")
///                      .option("due", &IssueArgs::due, "When it is due; invoices.terms_days after the issue date if
///                      absent") .needs("invoices:write").risk(ops::Risk::high) .example("steward invoices issue 7f3a9c
///                      --due +30d") .returns(kInvoiceColumns) .writes(issue_invoice));
template <class Args>
class Declaration {
 public:
  Declaration(std::string path, std::string summary) {
    operation_.path = std::move(path);
    operation_.summary = std::move(summary);
    operation_.make_args = [] { return std::static_pointer_cast<void>(std::make_shared<Args>()); };
  }

  /// A word without a flag, in the order of declaration.
  template <class T>
  Declaration&& positional(std::string name, T Args::*member, std::string help) && {
    auto& param = add(std::move(name), member, std::move(help));
    param.positional = true;
    return std::move(*this);
  }
  /// The record a transition is about: several may be named, or read from `--from FILE`; each runs by itself.
  template <class T>
  Declaration&& subject(std::string name, T Args::*member, std::string help) && {
    auto& param = add(std::move(name), member, std::move(help));
    param.positional = param.subject = true;
    return std::move(*this);
  }
  /// The member may be one that Args inherits.
  template <class T, class Of>
  Declaration&& option(std::string name, T Of::*member, std::string help) && {
    add(std::move(name), static_cast<T Args::*>(member), std::move(help));
    return std::move(*this);
  }
  /// As option(), for what must not be stored or shown anywhere.
  template <class T>
  Declaration&& secret(std::string name, T Args::*member, std::string help) && {
    add(std::move(name), member, std::move(help)).secret = true;
    return std::move(*this);
  }

  Declaration&& details(std::string text) && { return operation_.details = std::move(text), std::move(*this); }
  Declaration&& needs(std::string scope) && { return operation_.scope = std::move(scope), std::move(*this); }
  Declaration&& risk(Risk risk) && { return operation_.risk = risk, std::move(*this); }
  /// A read without personal data.
  Declaration&& open() && { return operation_.open = true, std::move(*this); }
  Declaration&& second_person() && { return operation_.second_person = true, std::move(*this); }
  /// Some calls ask for more than the declared risk; the handler says which in Change::gravity.
  Declaration&& may_escalate(Gravity most = Gravity::second_person) && {
    return operation_.most_gravity = most, std::move(*this);
  }
  Declaration&& also(std::vector<Role> roles) && { return operation_.roles = std::move(roles), std::move(*this); }
  Declaration&& example(std::string line) && {
    return operation_.examples.push_back(std::move(line)), std::move(*this);
  }
  /// The columns of the record that a show or a write answers (a list says so itself).
  Declaration&& returns(std::span<const Column> columns) && { return operation_.columns = columns, std::move(*this); }
  /// A rule between arguments; throws Error{usage, …}.
  Declaration&& check(void (*rule)(const Args&)) && {
    operation_.check_args = [rule](const void* args) { rule(*static_cast<const Args*>(args)); };
    return std::move(*this);
  }

  Operation lists(Listing (*handler)(Context&, const Args&), std::span<const Column> columns) && {
    operation_.form = Operation::Form::list;
    operation_.columns = columns;
    operation_.list = [handler](Context& context, const void* args) {
      return handler(context, *static_cast<const Args*>(args));
    };
    return std::move(operation_);
  }
  Operation shows(Json (*handler)(Context&, const Args&)) && {
    operation_.form = Operation::Form::show;
    operation_.show = [handler](Context& context, const void* args) {
      return handler(context, *static_cast<const Args*>(args));
    };
    return std::move(operation_);
  }
  Operation writes(Change (*handler)(Context&, const Args&)) && {
    operation_.form = Operation::Form::write;
    operation_.writes_database = true;
    operation_.write = [handler](Context& context, const void* args) {
      return handler(context, *static_cast<const Args*>(args));
    };
    return std::move(operation_);
  }
  /// For what works on the database as a whole or needs none. `changes_database` says which.
  Operation manages(Change (*handler)(System&, const Args&), bool changes_database) && {
    operation_.form = Operation::Form::manage;
    operation_.writes_database = changes_database;
    operation_.manage = [handler](System& system, const void* args) {
      return handler(system, *static_cast<const Args*>(args));
    };
    return std::move(operation_);
  }

 private:
  template <class T>
  Param& add(std::string name, T Args::*member, std::string help) {
    Param param;
    param.name = std::move(name);
    param.help = std::move(help);
    describe(param, member);
    operation_.params.push_back(std::move(param));
    return operation_.params.back();
  }

  template <class T>
  static T parse_one(const std::string& text, const std::string& field) {
    try {
      return ArgumentType<T>::parse(text, field);
    } catch (Error& error) {
      if (error.field().empty()) error.at(field);
      throw;
    }
  }

  static void describe(Param& param, bool Args::*member) {
    param.flag = true;
    param.type = {"", "", "boolean"};
    param.read = [member](void* args, const auto& texts, bool) {
      static_cast<Args*>(args)->*member = texts.front() == "true";
    };
  }
  template <class T>
  static void describe(Param& param, T Args::*member) {
    param.type = ArgumentType<T>::info();
    param.required = true;
    param.read = [member, field = param.name](void* args, const auto& texts, bool) {
      static_cast<Args*>(args)->*member = parse_one<T>(texts.front(), field);
    };
  }
  template <class T>
  static void describe(Param& param, std::optional<T> Args::*member) {
    param.type = ArgumentType<T>::info();
    param.read = [member, field = param.name](void* args, const auto& texts, bool) {
      static_cast<Args*>(args)->*member = parse_one<T>(texts.front(), field);
    };
  }
  template <class T>
  static void describe(Param& param, std::vector<T> Args::*member) {
    param.type = ArgumentType<T>::info();
    param.repeated = true;
    param.read = [member, field = param.name](void* args, const auto& texts, bool) {
      for (const auto& text : texts) (static_cast<Args*>(args)->*member).push_back(parse_one<T>(text, field));
    };
  }
  template <class T>
  static void describe(Param& param, Patch<T> Args::*member) {
    param.type = ArgumentType<T>::info();
    param.clearable = true;
    param.read = [member, field = param.name](void* args, const auto& texts, bool clear) {
      auto& patch = static_cast<Args*>(args)->*member;
      patch.what = clear ? Patch<T>::What::clear : Patch<T>::What::set;
      if (!clear) patch.value = parse_one<T>(texts.front(), field);
    };
  }

  Operation operation_;
};

template <class Args>
Declaration<Args> declare(std::string path, std::string summary) {
  return Declaration<Args>(std::move(path), std::move(summary));
}

/// For operations without arguments.
struct NoArgs {};

}  // namespace steward::ops
