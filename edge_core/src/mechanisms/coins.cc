// Uniform whole numbers from random bytes that the caller gives.
#include "mechanisms/coins.h"

#include <vector>

namespace obclip {

Result<Whole> Coins::below(const Whole& n) {
  const Error out = {Refusal::MISUSE, "the random bytes ran out: give more of them, fresh ones. Nothing was sent"};
  if (n.is_zero()) return out;
  const std::size_t bits = (n - Whole(1)).bits();
  const std::size_t size = (bits + 7) / 8;
  while (bytes_.size() - at_ >= size) {
    std::vector<std::uint8_t> taken(bytes_.begin() + static_cast<std::ptrdiff_t>(at_),
                                    bytes_.begin() + static_cast<std::ptrdiff_t>(at_ + size));
    at_ += size;
    if (bits % 8 != 0) taken.back() &= static_cast<std::uint8_t>((1U << (bits % 8)) - 1);
    Whole number = Whole::of_bytes(taken);
    if (number < n) return number;
  }
  return out;
}

}  // namespace obclip
