#pragma once
#include <string>
#include <vector>

#include "support/sandbox.h"

namespace steward::test {

/// A sandbox that sells a few things: what the tests of the shell list, show and change.
struct Shop : Sandbox {
  /// Makes an offer at 100.00 EUR, through the operation.
  void offer(const std::string& slug, const std::string& title = "A title") {
    run("offers.create", {{"slug", {slug}},
                          {"title", {title}},
                          {"summary", {"What it is."}},
                          {"audience", {"BOTH"}},
                          {"delivery-mode", {"ONLINE"}},
                          {"price", {"100.00"}},
                          {"currency", {"EUR"}},
                          {"duration", {"4 h"}}});
  }
  /// The words that make one.
  static std::vector<std::string> create(const std::string& slug, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"offers",    "create",      "--slug",     slug,   "--title",         "A title",
                                   "--summary", "What it is.", "--audience", "both", "--delivery-mode", "online",
                                   "--price",   "100.00",      "--currency", "EUR",  "--duration",      "4 h"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

}  // namespace steward::test
