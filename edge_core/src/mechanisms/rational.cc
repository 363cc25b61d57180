// Whole numbers of any size and exact ratios of them (Python's int and fractions.Fraction).
#include "mechanisms/rational.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "exact.h"

namespace obclip {

namespace {

constexpr int LIMB = 32;
constexpr std::uint64_t BASE = std::uint64_t{1} << LIMB;

std::uint32_t lower_half(std::uint64_t value) { return static_cast<std::uint32_t>(value & (BASE - 1)); }

int bit_length(std::uint32_t value) {
  int out = 0;
  for (; value != 0; value >>= 1) ++out;
  return out;
}

}  // namespace

Whole::Whole(std::uint64_t value) {
  for (; value != 0; value >>= LIMB) limbs_.push_back(lower_half(value));
}

void Whole::trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
}

std::size_t Whole::bits() const {
  return limbs_.empty() ? 0 : (limbs_.size() - 1) * LIMB + static_cast<std::size_t>(bit_length(limbs_.back()));
}

std::uint64_t Whole::low() const {
  std::uint64_t out = limbs_.empty() ? 0 : limbs_[0];
  if (limbs_.size() > 1) out |= std::uint64_t{limbs_[1]} << LIMB;
  return out;
}

std::optional<std::uint64_t> Whole::small() const {
  if (limbs_.size() > 2) return std::nullopt;
  return low();
}

int Whole::compare(const Whole& a, const Whole& b) {
  if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() < b.limbs_.size() ? -1 : 1;
  for (std::size_t i = a.limbs_.size(); i-- > 0;)
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i] ? -1 : 1;
  return 0;
}

Whole& Whole::operator+=(const Whole& o) {
  if (limbs_.size() < o.limbs_.size()) limbs_.resize(o.limbs_.size());
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs_.size() && (carry != 0 || i < o.limbs_.size()); ++i) {
    carry += std::uint64_t{limbs_[i]} + (i < o.limbs_.size() ? o.limbs_[i] : 0);
    limbs_[i] = lower_half(carry);
    carry >>= LIMB;
  }
  if (carry != 0) limbs_.push_back(lower_half(carry));
  return *this;
}

Whole& Whole::operator-=(const Whole& o) {
  if (compare(*this, o) <= 0) {
    limbs_.clear();
    return *this;
  }
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size() && (borrow != 0 || i < o.limbs_.size()); ++i) {
    const std::uint64_t take = (i < o.limbs_.size() ? o.limbs_[i] : 0) + borrow;
    borrow = limbs_[i] < take ? 1 : 0;
    limbs_[i] = lower_half(BASE + limbs_[i] - take);
  }
  trim();
  return *this;
}

Whole operator*(const Whole& a, const Whole& b) {
  Whole out;
  if (a.is_zero() || b.is_zero()) return out;
  out.limbs_.assign(a.limbs_.size() + b.limbs_.size(), 0);
  for (std::size_t i = 0; i < a.limbs_.size(); ++i) {
    std::uint64_t carry = 0;
    const std::uint64_t factor = a.limbs_[i];
    for (std::size_t j = 0; j < b.limbs_.size(); ++j) {
      carry += factor * b.limbs_[j] + out.limbs_[i + j];
      out.limbs_[i + j] = lower_half(carry);
      carry >>= LIMB;
    }
    out.limbs_[i + b.limbs_.size()] = lower_half(carry);
  }
  out.trim();
  return out;
}

Whole Whole::shifted_left(std::size_t count) const {
  Whole out;
  if (limbs_.empty()) return out;
  const std::size_t whole = count / LIMB, part = count % LIMB;
  out.limbs_.assign(limbs_.size() + whole + 1, 0);
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t wide = std::uint64_t{limbs_[i]} << part;
    out.limbs_[i + whole] |= lower_half(wide);
    out.limbs_[i + whole + 1] = lower_half(wide >> LIMB);
  }
  out.trim();
  return out;
}

Whole Whole::shifted_right(std::size_t count) const {
  Whole out;
  const std::size_t whole = count / LIMB, part = count % LIMB;
  if (whole >= limbs_.size()) return out;
  out.limbs_.assign(limbs_.size() - whole, 0);
  for (std::size_t i = whole; i < limbs_.size(); ++i) {
    const std::uint64_t above = i + 1 < limbs_.size() ? limbs_[i + 1] : 0;
    out.limbs_[i - whole] = lower_half(((above << LIMB) | limbs_[i]) >> part);
  }
  out.trim();
  return out;
}

bool Whole::any_below(std::size_t count) const {
  for (std::size_t i = 0; i < limbs_.size() && i * LIMB < count; ++i) {
    const std::size_t here = count - i * LIMB;
    const std::uint32_t mask = here >= LIMB ? ~std::uint32_t{0} : (std::uint32_t{1} << here) - 1;
    if ((limbs_[i] & mask) != 0) return true;
  }
  return false;
}

std::uint32_t Whole::divide_small(std::uint32_t by) {
  std::uint64_t rest = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) {
    rest = (rest << LIMB) | limbs_[i];
    limbs_[i] = static_cast<std::uint32_t>(rest / by);
    rest %= by;
  }
  trim();
  return static_cast<std::uint32_t>(rest);
}

// Long division (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).
std::pair<Whole, Whole> Whole::divide(const Whole& a, const Whole& b) {
  if (b.is_zero()) return {};
  if (compare(a, b) < 0) return {Whole(), a};
  if (b.limbs_.size() == 1) {
    Whole quotient = a;
    const std::uint32_t rest = quotient.divide_small(b.limbs_[0]);
    return {std::move(quotient), Whole(rest)};
  }
  const std::size_t shift = static_cast<std::size_t>(LIMB - bit_length(b.limbs_.back()));
  const std::vector<std::uint32_t> v = b.shifted_left(shift).limbs_;
  Whole rest = a.shifted_left(shift);
  std::vector<std::uint32_t>& u = rest.limbs_;
  const std::size_t n = v.size();
  u.resize(std::max(u.size(), a.limbs_.size()) + 1, 0);
  const std::size_t m = u.size() - n - 1;
  Whole quotient;
  quotient.limbs_.assign(m + 1, 0);
  for (std::size_t j = m + 1; j-- > 0;) {
    const std::uint64_t top = (std::uint64_t{u[j + n]} << LIMB) | u[j + n - 1];
    std::uint64_t guess = top / v[n - 1], left = top % v[n - 1];
    while (guess >= BASE || guess * v[n - 2] > ((left << LIMB) | u[j + n - 2])) {
      --guess;
      left += v[n - 1];
      if (left >= BASE) break;
    }
    std::uint64_t carry = 0, borrow = 0;
    for (std::size_t i = 0; i < n; ++i) {
      carry += guess * v[i];
      const std::uint64_t take = (carry & (BASE - 1)) + borrow;
      carry >>= LIMB;
      borrow = u[i + j] < take ? 1 : 0;
      u[i + j] = lower_half(BASE + u[i + j] - take);
    }
    const std::uint64_t take = carry + borrow;
    const bool over = u[j + n] < take;
    u[j + n] = lower_half(BASE + u[j + n] - take);
    if (over) {  // the guess was one too high
      --guess;
      std::uint64_t back = 0;
      for (std::size_t i = 0; i < n; ++i) {
        back += std::uint64_t{u[i + j]} + v[i];
        u[i + j] = lower_half(back);
        back >>= LIMB;
      }
      u[j + n] = lower_half(u[j + n] + back);
    }
    quotient.limbs_[j] = lower_half(guess);
  }
  quotient.trim();
  rest.trim();
  return {std::move(quotient), rest.shifted_right(shift)};
}

Whole Whole::gcd(Whole a, Whole b) {
  while (!b.is_zero()) {
    Whole rest = divide(a, b).second;
    a = std::move(b);
    b = std::move(rest);
  }
  return a;
}

double Whole::nearest() const {
  const std::size_t length = bits();
  if (length <= 53) return static_cast<double>(low());
  if (length > 1024) return std::numeric_limits<double>::infinity();
  const std::size_t drop = length - 53;
  std::uint64_t kept = shifted_right(drop).low();
  const bool half = shifted_right(drop - 1).low() & 1;
  if (half && ((kept & 1) != 0 || any_below(drop - 1))) ++kept;
  return std::ldexp(static_cast<double>(kept), static_cast<int>(drop));
}

std::string Whole::text() const {
  if (is_zero()) return "0";
  std::string out;
  for (Whole left = *this; !left.is_zero();) {
    std::uint32_t part = left.divide_small(1'000'000'000);
    for (int i = 0; i < 9 && (part != 0 || !left.is_zero()); ++i, part /= 10) out += static_cast<char>('0' + part % 10);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<Whole> Whole::of_text(std::string_view digits, std::size_t most) {
  if (digits.empty() || digits.size() > most || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  Whole out;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    std::uint64_t carry = static_cast<std::uint64_t>(c - '0');
    for (std::uint32_t& limb : out.limbs_) {
      carry += std::uint64_t{limb} * 10;
      limb = lower_half(carry);
      carry >>= LIMB;
    }
    if (carry != 0) out.limbs_.push_back(lower_half(carry));
  }
  return out;
}

Whole Whole::of_bytes(const std::vector<std::uint8_t>& bytes) {
  Whole out;
  out.limbs_.assign(bytes.size() / 4 + 1, 0);
  for (std::size_t i = 0; i < bytes.size(); ++i) out.limbs_[i / 4] |= std::uint32_t{bytes[i]} << (8 * (i % 4));
  out.trim();
  return out;
}

Whole power(const Whole& base, unsigned exponent) {
  Whole out(1), square = base;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) out = out * square;
    if (exponent > 1) square = square * square;
  }
  return out;
}

Ratio::Ratio(Whole numerator, Whole denominator) : denominator_(1) {
  if (denominator.is_zero() || numerator.is_zero()) return;
  const Whole common = Whole::gcd(numerator, denominator);
  numerator_ = Whole::divide(numerator, common).first;
  denominator_ = Whole::divide(denominator, common).first;
}

double Ratio::nearest() const {
  if (numerator_.is_zero()) return 0.0;
  // A quotient of 55 bits or more, of which the last stands for all that are dropped, is rounded once, by `nearest`.
  // (Subnormal results do not occur: no ratio of the mechanisms is below 2^-1000.)
  const std::size_t above = denominator_.bits() + 56, own = numerator_.bits();
  const std::size_t shift = own < above ? above - own : 0;
  auto [quotient, rest] = Whole::divide(numerator_.shifted_left(shift), denominator_);
  if (!rest.is_zero()) {
    quotient = quotient.shifted_left(1) + Whole(1);
    return std::ldexp(quotient.nearest(), -static_cast<int>(shift + 1));
  }
  return std::ldexp(quotient.nearest(), -static_cast<int>(shift));
}

std::string Ratio::text() const {
  return denominator_ == Whole(1) ? numerator_.text() : numerator_.text() + "/" + denominator_.text();
}

std::optional<Ratio> Ratio::of_text(std::string_view text) {
  const std::size_t bar = text.find('/');
  const auto top = Whole::of_text(text.substr(0, bar));
  const auto bottom = bar == std::string_view::npos ? Whole(1) : Whole::of_text(text.substr(bar + 1));
  if (!top || !bottom || bottom->is_zero()) return std::nullopt;
  Ratio out(*top, *bottom);
  if (out.text() != text) return std::nullopt;  // one form alone
  return out;
}

Ratio operator*(const Ratio& a, const Ratio& b) {
  // Both are in lowest terms, so what can be cut stands across; with small factors that is quick.
  const Whole first = Whole::gcd(a.numerator_, b.denominator_), second = Whole::gcd(b.numerator_, a.denominator_);
  Ratio out;
  out.numerator_ = Whole::divide(a.numerator_, first).first * Whole::divide(b.numerator_, second).first;
  out.denominator_ = Whole::divide(a.denominator_, second).first * Whole::divide(b.denominator_, first).first;
  return out;
}

double log_of(const Whole& number) {
  // As CPython: of what is no double, the logarithms of a fraction in [1/2, 1) and of a power of two.
  const double value = number.nearest();
  if (!std::isinf(value)) return std::log(value);
  const std::size_t length = number.bits();
  Whole kept = number.shifted_right(length - 55);
  if (number.any_below(length - 55)) kept = kept.shifted_left(1) + Whole(1);
  const double fraction = kept.nearest();
  int exponent = 0;
  const double part = std::frexp(fraction, &exponent);
  std::size_t whole = length;
  // Rounded up to the next power of two: CPython halves and counts one more.
  if (exponent > static_cast<int>(kept.bits())) whole += 1;
  return std::log(part) + std::log(2.0) * static_cast<double>(whole);
}

}  // namespace obclip
