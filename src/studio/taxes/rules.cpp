#include "studio/taxes/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward::taxes {
namespace {

bool is_of_a_code(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

}  // namespace

std::string parse_code(std::string_view text) {
  auto code = to_upper(trim(text));
  if (!code.empty() && code.size() <= 20 && std::ranges::all_of(code, is_of_a_code)) return code;
  refuse_usage("invalid_tax_code", fmt::format("Not a tax code: {}.", in_quotes(text)), {},
               "Use at most 20 letters, digits, - and _, such as VAT21.");
}

void require_rate(Treatment treatment, int rate_bp) {
  if (treatment == Treatment::standard || rate_bp == 0) return;
  refuse_usage("out_of_range", fmt::format("{} has no rate: nothing is added to the net.", to_text(treatment)),
               "rate-bp", "Pass --rate-bp 0.");
}

}  // namespace steward::taxes
