#include "rooms.h"

#include "cli/commands.h"

namespace steward {
namespace {

// {group, singular alias, sentence, register function[, single command]}: one line a room.
constexpr ops::Room kRooms[] = {
    // The rooms stand here, in the order of the help.
    {"completion", "", "Print the completion script of a shell.", &cli::register_completion, true},
    {"man", "", "Print or write the manual pages.", &cli::register_man, true},
};

}  // namespace

std::span<const ops::Room> rooms() { return kRooms; }

}  // namespace steward
