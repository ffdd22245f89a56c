#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/transitions.h"
#include "ops/operation.h"

namespace steward::ops {

class Registry;

/// One line of the program's table of contents (src/rooms.cpp).
struct Room {
  std::string_view group;     ///< "invoices"
  std::string_view singular;  ///< "invoice", an alias; empty for mass nouns
  std::string_view sentence;  ///< for `steward --help`
  void (*register_operations)(Registry&);
  /// Groups of operations without a verb of their own ("status", "doctor") are listed as commands.
  bool single = false;
};

/// Every operation there is. A room's operations come into being when its group is first asked for.
class Registry {
 public:
  explicit Registry(std::span<const Room> rooms) : rooms_(rooms), loaded_(rooms.size(), false) {}

  std::span<const Room> rooms() const { return rooms_; }
  /// By group or its singular; nullptr for neither.
  const Room* room(std::string_view group) const;
  /// Operations of one group, in the order of declaration.
  std::vector<const Operation*> operations_of(std::string_view group);
  /// By path ("invoices.issue"); nullptr when there is none.
  const Operation* find(std::string_view path);
  std::vector<const Operation*> all();
  std::vector<LifecycleView> lifecycles();

  // For the rooms:
  void add(Operation operation);
  template <NamedEnum State>
  void add(const Lifecycle<State>& lifecycle) {
    lifecycles_.push_back(lifecycle.view());
  }

 private:
  void load(std::size_t room);

  std::span<const Room> rooms_;
  std::vector<bool> loaded_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<LifecycleView> lifecycles_;
};

}  // namespace steward::ops
