// Numbers in sentences for the person: Python's format() of a float, without a locale.
//
// A double is a whole number times a power of two, so its decimal digits are exact; they are rounded once, ties to even.
#include "mechanisms/printing.h"

#include <cmath>
#include <cstdlib>

#include "mechanisms/rational.h"

namespace obclip {

namespace {

// round(value * 10^digits) of a finite value of 0 or more; `digits` may be negative.
Whole scaled(double value, int digits) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  Whole top(static_cast<std::uint64_t>(std::ldexp(fraction, 53))), bottom(1);
  exponent -= 53;
  (exponent >= 0 ? top : bottom) = (exponent >= 0 ? top : bottom).shifted_left(static_cast<std::size_t>(std::abs(exponent)));
  Whole& side = digits >= 0 ? top : bottom;
  side = side * power(Whole(10), static_cast<unsigned>(std::abs(digits)));
  auto [quotient, rest] = Whole::divide(top, bottom);
  const int half = Whole::compare(rest.shifted_left(1), bottom);
  if (half > 0 || (half == 0 && (quotient.low() & 1) != 0)) quotient += Whole(1);
  return quotient;
}

std::string special(double value) {
  if (std::isnan(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

// `digits` with a point before the last `behind` of them, which are `behind` at least.
std::string pointed(std::string digits, int behind) {
  const auto places = static_cast<std::size_t>(behind);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (behind > 0) digits.insert(digits.size() - places, ".");
  return digits;
}

// Without the zeros at the end of what stands behind the point.
std::string shortened(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string fixed_text(double value, int digits) {
  if (!std::isfinite(value)) return special(value);
  const std::string sign = std::signbit(value) ? "-" : "";
  return sign + pointed(scaled(std::fabs(value), digits).text(), digits);
}

std::string general_text(double value, int digits) {
  if (!std::isfinite(value)) return special(value);
  const std::string sign = std::signbit(value) ? "-" : "";
  if (value == 0) return sign + "0";
  const double size = std::fabs(value);
  // The decimal exponent, corrected: rounding may carry into one more digit.
  int exponent = static_cast<int>(std::floor(std::log10(size)));
  std::string kept = scaled(size, digits - 1 - exponent).text();
  while (static_cast<int>(kept.size()) != digits) {
    exponent += static_cast<int>(kept.size()) > digits ? 1 : -1;
    kept = scaled(size, digits - 1 - exponent).text();
  }
  if (exponent >= -4 && exponent < digits) {
    const int behind = digits - 1 - exponent;
    return sign + shortened(pointed(kept, behind));
  }
  const std::string number = std::to_string(std::abs(exponent));
  return sign + shortened(pointed(kept, digits - 1)) + (exponent < 0 ? "e-" : "e+") +
         (number.size() < 2 ? "0" : "") + number;
}

}  // namespace obclip
