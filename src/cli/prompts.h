#pragma once
#include <functional>
#include <string>

namespace steward::cli {

/// How a person at the terminal is asked a question that only "y" answers with yes; empty when nobody can be asked: a
/// pipe, cron, CI, or --quiet.
std::function<bool(const std::string&)> asker(bool quiet);

/// The same for what the terminal must not show (a passphrase).
std::function<std::string(const std::string&)> secret_asker(bool quiet);

/// Ctrl-C ends the process with 130, at a prompt too, and leaves the terminal as it was found. A write that it
/// interrupts was not committed; the next open rolls it back. A reader of standard output that goes away is told by
/// write(), not by a signal.
void settle_signals();

}  // namespace steward::cli
