#include "rooms.h"

namespace steward {
namespace {

// {group, singular alias, sentence, register function[, single command]}: one line a room.
constexpr ops::Room kRooms[] = {
    // The rooms stand here, in the order of the help.
    {"", "", "", [](ops::Registry&) {}},
};

}  // namespace

std::span<const ops::Room> rooms() { return kRooms; }

}  // namespace steward
