#pragma once
#include <map>
#include <string>
#include <vector>

#include "ops/context.h"

namespace steward::demo {

/// One line of examples/season/*.jsonl: an operation, when it happened, and under which name its record is referred to
/// later. A file that it reads is one of examples/season, where {$NAME.MEMBER} stands for a member of the record saved
/// under that name, and {-12d DD.MM.YYYY} for a day.
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

/// A folder among the temporary ones, made when it is first asked for, that goes with this.
class ScratchFolder {
 public:
  ScratchFolder() = default;
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path();

 private:
  std::string path_;
};
/// Errors: precondition "file_unwritable".
std::string make_scratch_folder();

/// Runs the steps through the one pipeline, each under its own clock. Ids are repeatable: the same season gives the
/// same tails, so that examples in the help can name them.
class Season {
 public:
  explicit Season(const ops::House& house) : house_(house), present_(house.now()) {}
  void play(const std::vector<Step>& steps);

 private:
  void run(const Step& step);
  ops::Request request_of(const Step& step);
  ops::RawArgs arguments(const Step& step, const ops::Operation& operation);
  std::string resolved(const std::string& text, const Step& step);
  /// Writes a file of the season as it is now; answers its path.
  std::string written(const std::string& name, const Step& step);
  std::string filled(std::string_view token, const Step& step) const;
  std::string entry_of(const std::string& deal, const std::string& type);

  ops::House house_;
  Instant present_;
  ScratchFolder files_;
  std::map<std::string, Json, std::less<>> saved_;
};

/// The operation of that path; a defect when there is none.
const ops::Operation& require_operation(const ops::House& house, const std::string& path);

/// Runs one read and collects what it answers.
Json collect(const ops::House& house, const std::string& path, const ops::RawArgs& raw = {});

}  // namespace steward::demo
