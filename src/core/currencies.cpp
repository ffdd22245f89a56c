#include "core/currencies.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace steward {
namespace {

// ISO 4217, active codes that have a minor unit (funds codes such as CLF among them). Left out on purpose: metals
// (XAG XAU XPD XPT), bond market units (XBA XBB XBC XBD), XDR XSU XUA, the test code XTS and "no currency" XXX.
constexpr std::string_view kDigits0[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                         "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view kDigits2[] = {
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BMD", "BND", "BOB",
    "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CNY", "COP", "COU", "CRC",
    "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW",
    "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
    "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP",
    "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD",
    "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "USN",
    "UYU", "UZS", "VED", "VES", "WST", "XAD", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG"};
constexpr std::string_view kDigits3[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::string_view kDigits4[] = {"CLF", "UYW"};

struct Group {
  int exponent;
  std::span<const std::string_view> codes;
};
constexpr Group kGroups[] = {{2, kDigits2}, {0, kDigits0}, {3, kDigits3}, {4, kDigits4}};

static_assert(std::ranges::all_of(kGroups, [](const Group& g) { return std::ranges::is_sorted(g.codes); }));

}  // namespace

std::optional<int> currency_exponent(std::string_view code) {
  for (const auto& group : kGroups)
    if (std::binary_search(group.codes.begin(), group.codes.end(), code)) return group.exponent;
  return std::nullopt;
}

}  // namespace steward
