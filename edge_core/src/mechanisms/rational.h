// Whole numbers of any size and exact ratios of them: what Python's int and fractions.Fraction are to the mechanisms.
//
// Only numbers of 0 or more occur there. Nothing here is fast for more than some ten thousand bits; the ledger's exact
// totals, the largest user, stay below that.
#ifndef OBCLIP_MECHANISMS_RATIONAL_H
#define OBCLIP_MECHANISMS_RATIONAL_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obclip {

// A whole number of 0 or more.
class Whole {
 public:
  Whole(std::uint64_t value = 0);  // not explicit: a count is a whole number

  bool is_zero() const { return limbs_.empty(); }
  std::size_t bits() const;  // int.bit_length
  // The value where it fits 64 bits.
  std::optional<std::uint64_t> small() const;
  // The nearest double, ties to even; infinity beyond the doubles.
  double nearest() const;
  // The lowest 64 bits.
  std::uint64_t low() const;

  static int compare(const Whole& a, const Whole& b);  // < 0, 0, > 0
  Whole& operator+=(const Whole& o);
  Whole& operator-=(const Whole& o);  // 0 where o is larger, which no caller lets happen
  friend Whole operator*(const Whole& a, const Whole& b);
  // Quotient and remainder; by 0: both 0.
  static std::pair<Whole, Whole> divide(const Whole& a, const Whole& b);
  static Whole gcd(Whole a, Whole b);
  Whole shifted_left(std::size_t count) const;
  Whole shifted_right(std::size_t count) const;
  // Whether any of the lowest `count` bits is set.
  bool any_below(std::size_t count) const;

  std::string text() const;  // str(int)
  // Decimal digits without leading zeros, `most` at most.
  static std::optional<Whole> of_text(std::string_view digits, std::size_t most = 1000);
  // Little-endian bytes.
  static Whole of_bytes(const std::vector<std::uint8_t>& bytes);

 private:
  void trim();
  std::uint32_t divide_small(std::uint32_t by);  // in place; the remainder
  std::vector<std::uint32_t> limbs_;             // lowest first, no leading zero
};

inline bool operator==(const Whole& a, const Whole& b) { return Whole::compare(a, b) == 0; }
inline bool operator!=(const Whole& a, const Whole& b) { return Whole::compare(a, b) != 0; }
inline bool operator<(const Whole& a, const Whole& b) { return Whole::compare(a, b) < 0; }
inline bool operator<=(const Whole& a, const Whole& b) { return Whole::compare(a, b) <= 0; }
inline bool operator>(const Whole& a, const Whole& b) { return Whole::compare(a, b) > 0; }
inline bool operator>=(const Whole& a, const Whole& b) { return Whole::compare(a, b) >= 0; }
inline Whole operator+(Whole a, const Whole& b) { return a += b; }
inline Whole operator-(Whole a, const Whole& b) { return a -= b; }
Whole power(const Whole& base, unsigned exponent);

// A ratio in lowest terms; the denominator is never 0.
class Ratio {
 public:
  Ratio(std::uint64_t value = 0) : numerator_(value), denominator_(1) {}
  // A denominator of 0 gives 0, which no caller lets happen.
  Ratio(Whole numerator, Whole denominator);

  const Whole& numerator() const { return numerator_; }
  const Whole& denominator() const { return denominator_; }
  double nearest() const;  // float(Fraction): correctly rounded

  std::string text() const;  // str(Fraction): "3" or "3/2"
  static std::optional<Ratio> of_text(std::string_view text);

  bool operator==(const Ratio& o) const { return numerator_ == o.numerator_ && denominator_ == o.denominator_; }
  bool operator!=(const Ratio& o) const { return !(*this == o); }
  bool above_one() const { return numerator_ > denominator_; }
  friend Ratio operator*(const Ratio& a, const Ratio& b);

 private:
  Whole numerator_, denominator_;
};

// math.log of a whole number above 0.
double log_of(const Whole& number);

}  // namespace obclip

#endif
