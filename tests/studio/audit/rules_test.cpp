#include "studio/audit/rules.h"

#include <catch2/catch.hpp>

using namespace steward;
using namespace steward::audit;

namespace {

Checkpoint sample() {
  return {"studio",
          7,
          std::string(64, 'a'),
          "01930000-0000-7000-8000-000000000000",
          "2026-03-02T09:00:00.000Z",
          std::string(64, 'b'),
          std::string(128, 'c')};
}

}  // namespace

TEST_CASE("a checkpoint reads back as it was written, and its signature is not part of what is signed",
          "[audit][rules]") {
  CHECK(read_checkpoint(file_text(sample())) == sample());
  auto other = sample();
  other.signature = std::string(128, 'd');
  CHECK(signed_text(other) == signed_text(sample()));
  other.seq = 8;
  CHECK(signed_text(other) != signed_text(sample()));
}

TEST_CASE("what is no checkpoint is not taken for one", "[audit][rules]") {
  const auto text = GENERATE(std::string(), std::string("not JSON"), std::string("[]"), std::string("{}"),
                             std::string(R"({"seq":1})"), file_text(sample()).substr(0, 100));
  CAPTURE(text);
  CHECK_FALSE(read_checkpoint(text));
}

TEST_CASE("a target is a type, an id, or both", "[audit][rules]") {
  CHECK(parse_target("invoice").type == "invoice");
  CHECK(parse_target("invoice:0193").id == "0193");
  CHECK(parse_target("audit_chain").type == "audit_chain");
  CHECK(parse_target("01930000-0000-7000-8000-000000000000").id == "01930000-0000-7000-8000-000000000000");
}
