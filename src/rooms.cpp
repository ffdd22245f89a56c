#include "rooms.h"

#include "cli/commands.h"
#include "studio/identity/identity.h"

namespace steward {
namespace {

// {group, singular alias, sentence, register function[, single command]}: one line a room.
constexpr ops::Room kRooms[] = {
    // The rooms stand here, in the order of the help.
    {"users", "user", "People, their roles and whether they may act.", &identity::register_users},
    {"tokens", "token", "Keys for people, agents and jobs.", &identity::register_tokens},
    {"completion", "", "Print the completion script of a shell.", &cli::register_completion, true},
    {"man", "", "Print or write the manual pages.", &cli::register_man, true},
};

}  // namespace

std::span<const ops::Room> rooms() { return kRooms; }

}  // namespace steward
