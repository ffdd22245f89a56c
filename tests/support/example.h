#pragma once
#include <optional>
#include <string>
#include <vector>

#include "support/sandbox.h"

namespace steward::test {

/// The words of an example line as a shell would hand them over, without the leading "steward". Quotes and backslashes
/// are understood; anything else that a shell would do (pipes, variables) fails the test: an example is one command.
std::vector<std::string> words_of(const std::string& line);

/// An operation's example as it can be run on a given database.
struct Example {
  const ops::Operation* operation = nullptr;
  ops::RawArgs raw;                ///< with one subject, where it has any
  std::vector<std::string> words;  ///< the same for the binary
};

/// Parses one of an operation's examples; the records it names need not exist.
Example parsed_example(const std::string& line);

/// The example with records of that database in place of the ones it names, so that it can be done there: the first
/// combination that a dry run (or the read itself) accepts and that changes something; a file it names is the one of
/// that name in tests/support/files. nullopt, with the last refusal in `why`, when there is none.
std::optional<Example> fitted(Sandbox& box, const Example& example, std::string& why);

/// Other arguments that parse, for the same operation; nullopt when it takes none.
std::optional<ops::RawArgs> other_input(const ops::Operation& operation, const ops::RawArgs& raw);

}  // namespace steward::test
