#pragma once
#include <cstdlib>

/// A property that must hold for every input; the fuzzer sees the abort.
inline void must(bool holds) {
  if (!holds) std::abort();
}
