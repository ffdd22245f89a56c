#include "ops/deliver.h"

#include "ops/files.h"

namespace steward::ops {

void deliver(Change& change, const std::string& to, std::string_view content, bool keep) {
  if (!is_standard_output(to)) {
    if (keep) replace_file(to, content);
    return;
  }
  change.sentence.clear();
  change.next.clear();
  change.data = Json{{"text", std::string(content)}};
}

}  // namespace steward::ops
