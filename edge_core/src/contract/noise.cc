// The one noise source: Philox 4x32-10 counters, Box-Muller in doubles, rounded to floats (obclip_contract/noise.py).
#include "contract/noise.h"

#include <cmath>

#include "exact.h"

namespace obclip {
namespace {

constexpr int ROUNDS = 10;
constexpr std::uint64_t M0 = 0xD2511F53, M1 = 0xCD9E8D57;
constexpr std::uint32_t W0 = 0x9E3779B9, W1 = 0xBB67AE85;
constexpr double TWO_PI = 2.0 * 3.141592653589793;

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value & 0xFFFFFFFF); }
std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

PhiloxWords philox4x32(PhiloxWords c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < ROUNDS; ++round) {
    const std::uint64_t p0 = M0 * c[0], p1 = M1 * c[2];
    c = {high(p1) ^ c[1] ^ key[0], low(p1), high(p0) ^ c[3] ^ key[1], low(p0)};
    key = {key[0] + W0, key[1] + W1};
  }
  return c;
}

std::vector<float> standard_normal(std::uint64_t seed, std::size_t count, std::uint32_t stream) {
  std::vector<float> out;
  out.reserve(count + 3);
  for (std::uint64_t block = 0; out.size() < count; ++block) {
    const PhiloxWords words = philox4x32({low(block), high(block), stream, 0}, {low(seed), high(seed)});
    for (std::size_t pair = 0; pair < words.size(); pair += 2) {
      // u in (0, 1): the half keeps its logarithm finite.
      const double u = (words[pair] + 0.5) / 4294967296.0;
      const double radius = std::sqrt(-2.0 * std::log(u));
      const double angle = TWO_PI * ((words[pair + 1] + 0.5) / 4294967296.0);
      out.push_back(static_cast<float>(radius * std::cos(angle)));
      out.push_back(static_cast<float>(radius * std::sin(angle)));
    }
  }
  out.resize(count);
  return out;
}

}  // namespace obclip
