#pragma once
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/process.h"

// Documents as programs that others wrote read them (Debian: poppler-utils, qpdf).
namespace steward::test {

inline Process read_pdf(const std::string& program, const std::vector<std::string>& words, const std::string& bytes) {
  return run_process(
      {program, words, {{"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}, {"LC_ALL", "C.UTF-8"}}, "", bytes, {}});
}

/// Its text as it stands on the page.
inline std::string text_of_pdf(const std::string& bytes) {
  const auto ran = read_pdf("pdftotext", {"-layout", "-", "-"}, bytes);
  INFO(ran.err);
  REQUIRE(ran.exit == 0);
  return ran.out;
}

/// A page's text each.
inline std::vector<std::string> page_texts(const std::string& bytes) {
  std::vector<std::string> out;
  auto text = text_of_pdf(bytes);
  for (std::size_t end; (end = text.find('\f')) != std::string::npos; text.erase(0, end + 1))
    out.push_back(text.substr(0, end));
  return out;
}

inline std::string pdf_info(const std::string& bytes) { return read_pdf("pdfinfo", {"-"}, bytes).out; }

/// The fonts that are not embedded as a subset with their letters named; a line each.
inline std::string fonts_not_embedded(const std::string& bytes) {
  const auto ran = read_pdf("pdffonts", {"-"}, bytes);
  std::string out;
  std::size_t at = 0, number = 0;
  for (std::size_t end; (end = ran.out.find('\n', at)) != std::string::npos; at = end + 1, ++number) {
    const auto line = ran.out.substr(at, end - at);
    if (number > 1 && line.find(" yes yes yes ") == std::string::npos) out += line + "\n";
  }
  return number > 2 ? out : "no fonts at all";
}

/// What qpdf objects to; empty for a sound file.
inline std::string damage_of_pdf(const std::string& bytes) {
  const auto ran = read_pdf("qpdf", {"--check", "/dev/stdin"}, bytes);
  return ran.exit == 0 ? "" : ran.out + ran.err;
}

}  // namespace steward::test
