// Words as a shell would hand them over (split at zero bytes) through the parser and into every operation's typed
// arguments.
#include "check.h"
#include "cli/parse.h"
#include "core/error.h"
#include "core/text.h"
#include "rooms.h"

using namespace steward;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ops::Registry registry(rooms());
  std::vector<std::string> words;
  for (const auto word : split({reinterpret_cast<const char*>(data), size}, '\0')) words.emplace_back(word);
  try {
    const auto parsed = cli::parse(registry, words);
    if (!parsed.operation) return 0;
    ops::parse_args(*parsed.operation, parsed.raw);
    // What was read once survives the way through JSON that approval requests take.
    const auto json = ops::json_of(*parsed.operation, parsed.raw);
    must(to_canonical(ops::json_of(*parsed.operation, ops::raw_args_of(*parsed.operation, json))) ==
         to_canonical(json));
  } catch (const Error& error) {
    must(error.kind() == ErrorKind::usage);
  }
  return 0;
}
