#include "cli/run.h"
#include "db/open.h"
#include "rooms.h"

/// Registry in, argv in, exit code out: the only place that wires the pieces together.
int main(int count, char** words) {
  steward::db::assume_one_thread();
  steward::ops::Registry registry(steward::rooms());
  return steward::cli::run(registry, {words + 1, words + count});
}
