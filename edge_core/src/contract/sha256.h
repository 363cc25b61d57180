// SHA-256 (FIPS 180-4), for hashes of requests and answers and for the ledger (Python's hashlib).
#ifndef OBCLIP_CONTRACT_SHA256_H
#define OBCLIP_CONTRACT_SHA256_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace obclip {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
// Lower-case hex digits.
std::string hex(const Sha256& hash);

}  // namespace obclip

#endif
