#include "ops/import_rejects.h"

#include <algorithm>

#include "core/csv.h"

namespace steward::ops {
namespace {

constexpr std::string_view kLine = "reject_line", kReason = "reject_reason", kOriginal = "reject_original";

std::string cell_of(const Json& record, std::string_view column) {
  const auto* cell = record.find(column);
  return cell && cell->is_text() ? cell->text() : std::string();
}

}  // namespace

bool is_reject_column(std::string_view name) { return name == kLine || name == kReason || name == kOriginal; }

Rejects::Rejects(const std::string& path, const std::optional<Charset>& of_source)
    : file_(std::make_shared<StagedFile>(path)) {
  if (of_source && *of_source != Charset::utf_8) file_->write(kByteOrderMark);
}

void Rejects::columns(const std::vector<std::string>& names, char delimiter) {
  delimiter_ = delimiter;
  std::ranges::copy_if(names, std::back_inserter(columns_), [](const auto& name) { return !is_reject_column(name); });
  std::string header;
  for (const auto& name : columns_) {
    append_csv_cell(header, name, delimiter_);
    header += delimiter_;
  }
  header.append(kLine).append(1, delimiter_).append(kReason).append(1, delimiter_).append(kOriginal).append("\n");
  file_->write(header);
}

void Rejects::add(std::int64_t line, const Json& record, const Error& why) {
  record.is_object() ? write(line, record, {}, why) : write(line, Json::object(), to_text(record), why);
}

void Rejects::add_unread(std::int64_t line, std::string_view original, const Error& why) {
  write(line, Json::object(), original, why);
}

void Rejects::write(std::int64_t line, const Json& record, std::string_view original, const Error& why) {
  const auto reason = why.field().empty() ? std::string(why.what()) : why.field() + ": " + why.what();
  if (columns_.empty()) {
    auto out = record;
    out.set(kLine, line).set(kReason, reason);
    if (!original.empty()) out.set(kOriginal, original);
    return file_->write(to_text(out) + "\n");
  }
  std::string out;
  for (const auto& name : columns_) {
    append_csv_cell(out, cell_of(record, name), delimiter_);
    out += delimiter_;
  }
  append_csv_cell(out, std::to_string(line), delimiter_);
  out += delimiter_;
  append_csv_cell(out, reason, delimiter_);
  out += delimiter_;
  append_csv_cell(out, original, delimiter_);
  file_->write(out + "\n");
}

}  // namespace steward::ops
