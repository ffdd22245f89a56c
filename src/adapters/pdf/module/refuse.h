#pragma once
#include "adapters/pdf/module.h"

namespace steward::pdf {

/// Thrown inside the module, and turned into an Outcome before it leaves.
struct Refused {
  Refusal refusal;
};

[[noreturn]] inline void refuse(Refusal::Kind kind, std::string code, std::string sentence, std::string hint = {},
                                std::string field = {}) {
  throw Refused{{kind, std::move(code), std::move(sentence), std::move(hint), std::move(field)}};
}

}  // namespace steward::pdf
