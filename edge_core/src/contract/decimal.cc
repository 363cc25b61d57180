// Numbers as text: Python's float() of plain decimals and repr() of a float, without a locale, correctly rounded.
#include "contract/decimal.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "exact.h"
#include "mechanisms/printing.h"
#include "mechanisms/rational.h"

namespace obclip {
namespace {

constexpr std::size_t MAX_CHARS = 400;
// Beyond these exponents of ten every number of MAX_CHARS digits is 0 or infinite.
constexpr int FAR = 1000;
constexpr int DIGITS = 17;  // with which every double reads back

bool is_digit_sign(char c) { return c >= '0' && c <= '9'; }

// digits · 10^exponent, rounded once, ties to even; subnormal numbers too.
double nearest(const Whole& digits, int exponent) {
  if (digits.is_zero()) return 0.0;
  Whole top = digits, bottom(1);
  (exponent >= 0 ? top : bottom) = (exponent >= 0 ? top : bottom) * power(Whole(10), static_cast<unsigned>(std::abs(exponent)));
  // The unit of the last of 53 bits, or the smallest there is.
  int unit = static_cast<int>(top.bits()) - static_cast<int>(bottom.bits()) - 53;
  for (;; ++unit) {
    unit = std::max(unit, -1074);
    const Whole above = unit < 0 ? top.shifted_left(static_cast<std::size_t>(-unit)) : top;
    const Whole below = unit > 0 ? bottom.shifted_left(static_cast<std::size_t>(unit)) : bottom;
    auto [quotient, rest] = Whole::divide(above, below);
    if (quotient.bits() > 53) continue;  // the estimate was one too low
    const int half = Whole::compare(rest.shifted_left(1), below);
    if (half > 0 || (half == 0 && (quotient.low() & 1) != 0)) quotient += Whole(1);
    return std::ldexp(quotient.nearest(), unit);
  }
}

struct Parts {
  std::string digits;
  int exponent = 0;
};

// [digits][.digits][e[+-]digits] with a digit before the exponent.
std::optional<Parts> take_apart(std::string_view text) {
  Parts out;
  std::size_t at = 0;
  for (; at < text.size() && is_digit_sign(text[at]); ++at) out.digits += text[at];
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit_sign(text[at]); ++at) {
      out.digits += text[at];
      --out.exponent;
    }
  }
  if (out.digits.empty()) return std::nullopt;
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    const bool minus = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (at == text.size()) return std::nullopt;
    int power_of_ten = 0;
    for (; at < text.size() && is_digit_sign(text[at]); ++at) power_of_ten = std::min(power_of_ten * 10 + (text[at] - '0'), 10 * FAR);
    out.exponent += minus ? -power_of_ten : power_of_ten;
  }
  if (at != text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<double> number_of(std::string_view text) {
  if (text.empty() || text.size() > MAX_CHARS) return std::nullopt;
  const bool minus = text[0] == '-';
  if (minus || text[0] == '+') text.remove_prefix(1);
  const double sign = minus ? -1.0 : 1.0;
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  if (small == "inf" || small == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (small == "nan") return std::numeric_limits<double>::quiet_NaN();
  const auto parts = take_apart(small);
  if (!parts) return std::nullopt;
  std::string digits = parts->digits;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  const auto whole = Whole::of_text(digits.empty() ? "0" : digits);
  if (!whole) return std::nullopt;
  if (whole->is_zero() || parts->exponent < -FAR) return sign * 0.0;
  if (parts->exponent > FAR) return sign * std::numeric_limits<double>::infinity();
  return sign * nearest(*whole, parts->exponent);
}

std::string repr(double value) {
  if (!std::isfinite(value)) return general_text(value);
  std::string out;
  for (int digits = 1; digits <= DIGITS; ++digits) {
    out = general_text(value, digits);
    if (number_of(out) == value) break;
  }
  // Python writes an exponent from 1e16 on and below 1e-4, and otherwise always a point.
  const double size = std::fabs(value);
  const std::size_t mark = out.find('e');
  if (mark != std::string::npos && size >= 1e-4 && size < 1e16) return fixed_text(value, 1);
  if (mark == std::string::npos && size >= 1e16) {
    const std::size_t first = out[0] == '-' ? 1 : 0;
    const std::size_t exponent = out.size() - first - 1;
    std::string kept = out.substr(first, 1) + "." + out.substr(first + 1);
    while (kept.back() == '0') kept.pop_back();
    if (kept.back() == '.') kept.pop_back();
    return out.substr(0, first) + kept + "e+" + std::to_string(exponent);
  }
  if (mark == std::string::npos && out.find('.') == std::string::npos) out += ".0";
  return out;
}

}  // namespace obclip
