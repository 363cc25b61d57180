// Uniform whole numbers from random bytes that the caller gives: the core draws none itself.
#ifndef OBCLIP_MECHANISMS_COINS_H
#define OBCLIP_MECHANISMS_COINS_H

#include <cstdint>
#include <string>
#include <string_view>

#include "mechanisms/rational.h"
#include "result.h"

namespace obclip {

// How bytes become a number in 0..n-1, exactly: with b the bit length of n - 1, the next ceil(b / 8) bytes are read as a
// little-endian number, of which the lowest b bits count. A number of n or more is thrown away, and the next bytes are
// read (rejection: exactly uniform, as secrets.randbelow). n = 1 reads nothing. tests/edge_core/coins.py is the same.
class Coins {
 public:
  // The bytes are not copied: they have to live as long as this.
  explicit Coins(std::string_view bytes) : bytes_(bytes) {}
  explicit Coins(std::string&&) = delete;  // one that is gone at the end of the line

  // Refused (kind MISUSE) when the bytes run out: never a wrong draw.
  Result<Whole> below(const Whole& n);
  std::size_t used() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace obclip

#endif
