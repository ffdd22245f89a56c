#pragma once
#include <map>
#include <string>
#include <vector>

#include "ops/context.h"

namespace steward::demo {

/// One line of examples/season/*.jsonl: an operation, when it happened, and under which name its record is referred to
/// later.
struct Step {
  Instant at;
  std::string run;   ///< "invoices.issue"
  std::string save;  ///< may be empty
  std::string
      as;  ///< whose token it is run with: the name a tokens.create was saved under; empty: the person at the shell
  std::string
      expect;  ///< the error code it must end with (an agent's call that waits for approval); empty: it succeeds
  Json args;
  std::string where;  ///< "03-trade.jsonl:12", for messages
};

/// The steps in the order in which they happened. Times are "-41d 09:30": days before the date of `now`, in UTC.
/// Errors: usage "invalid_season" naming file and line.
std::vector<Step> read_season(Instant now);

/// Runs the steps through the one pipeline, each under its own clock. Ids are repeatable: the same season gives the
/// same tails, so that examples in the help can name them.
class Season {
 public:
  explicit Season(const ops::House& house) : house_(house) {}
  void play(const std::vector<Step>& steps);

 private:
  void run(const Step& step);
  ops::Request request_of(const Step& step);
  ops::RawArgs arguments(const Step& step, const ops::Operation& operation);
  std::string resolved(const std::string& text, const Step& step);
  std::string entry_of(const std::string& deal, const std::string& type);

  ops::House house_;
  std::map<std::string, Json, std::less<>> saved_;
};

/// The operation of that path; a defect when there is none.
const ops::Operation& require_operation(const ops::House& house, const std::string& path);

/// Runs one read and collects what it answers.
Json collect(const ops::House& house, const std::string& path, const ops::RawArgs& raw = {});

}  // namespace steward::demo
