#include "core/countries.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/phrase.h"
#include "core/text.h"

namespace steward {
namespace {

// ISO 3166-1, as the time zone database's iso3166.tab has it.
constexpr std::string_view kCodes =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU "
    "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
    "SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE "
    "VG VI VN VU WF WS YE YT ZA ZM ZW";

bool is_country(std::string_view code) {
  for (std::size_t at = 0; at < kCodes.size(); at += 3)
    if (kCodes.substr(at, 2) == code) return true;
  return false;
}

}  // namespace

std::string parse_country(std::string_view typed) {
  auto code = to_upper(trim(typed));
  if (is_country(code)) return code;
  refuse_usage("invalid_choice", fmt::format("Not a country's two letters: {}.", in_quotes(typed)), {},
               "ISO 3166 has them: DE is Germany, JP is Japan.");
}

}  // namespace steward
