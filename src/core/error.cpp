#include "core/error.h"

namespace steward {
namespace {

[[noreturn]] void refuse(ErrorKind kind, std::string_view code, const std::string& sentence, std::string_view field,
                         std::string_view hint) {
  throw Error{kind, std::string(code), sentence, std::string(hint)}.at(field);
}

}  // namespace

Error& Error::at(std::string_view field) & {
  field_ = field;
  return *this;
}

Error&& Error::at(std::string_view field) && {
  field_ = field;
  return std::move(*this);
}

Error&& Error::with(Json details) && {
  details_ = std::move(details);
  return std::move(*this);
}

Error Error::reworded(const std::string& sentence) const {
  Error copy{kind_, code_, sentence, hint_};
  copy.field_ = field_;
  copy.details_ = details_;
  return copy;
}

void refuse_usage(std::string_view code, const std::string& sentence, std::string_view field, std::string_view hint) {
  refuse(ErrorKind::usage, code, sentence, field, hint);
}

void refuse_conflict(std::string_view code, const std::string& sentence, std::string_view hint) {
  refuse(ErrorKind::conflict, code, sentence, {}, hint);
}

void refuse_precondition(std::string_view code, const std::string& sentence, std::string_view hint) {
  refuse(ErrorKind::precondition, code, sentence, {}, hint);
}

}  // namespace steward
