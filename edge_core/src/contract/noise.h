// The one noise source: Philox 4x32-10 counters, Box-Muller in doubles, rounded to floats (obclip_contract/noise.py).
#ifndef OBCLIP_CONTRACT_NOISE_H
#define OBCLIP_CONTRACT_NOISE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace obclip {

using PhiloxWords = std::array<std::uint32_t, 4>;

PhiloxWords philox4x32(PhiloxWords counter, std::array<std::uint32_t, 2> key);
// The first `count` values of the seed's stream.
std::vector<float> standard_normal(std::uint64_t seed, std::size_t count, std::uint32_t stream = 0);

}  // namespace obclip

#endif
