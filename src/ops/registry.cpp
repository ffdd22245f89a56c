#include "ops/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace steward::ops {

const Room* Registry::room(std::string_view group) const {
  for (const auto& room : rooms_)
    if (room.group == group || (!room.singular.empty() && room.singular == group)) return &room;
  return nullptr;
}

void Registry::load(std::size_t index) {
  if (loaded_[index]) return;
  loaded_[index] = true;
  rooms_[index].register_operations(*this);
}

std::vector<const Operation*> Registry::operations_of(std::string_view group) {
  for (std::size_t i = 0; i < rooms_.size(); ++i)
    if (rooms_[i].group == group) load(i);
  std::vector<const Operation*> out;
  for (const auto& operation : operations_)
    if (operation->group() == group) out.push_back(operation.get());
  return out;
}

const Operation* Registry::find(std::string_view path) {
  for (const auto* operation : operations_of(path.substr(0, path.find('.'))))
    if (operation->path == path) return operation;
  return nullptr;
}

std::vector<const Operation*> Registry::all() {
  std::vector<const Operation*> out;
  for (const auto& room : rooms_)
    for (const auto* operation : operations_of(room.group)) out.push_back(operation);
  return out;
}

std::vector<LifecycleView> Registry::lifecycles() {
  all();
  return lifecycles_;
}

void Registry::add(Operation operation) {
  for (const auto& other : operations_)
    if (other->path == operation.path)
      throw Error{ErrorKind::defect, "defect", fmt::format("{} is declared twice.", operation.path)};
  operations_.push_back(std::make_unique<Operation>(std::move(operation)));
}

}  // namespace steward::ops
