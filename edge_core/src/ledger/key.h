// The device key: 32 random bytes of the caller's. It keys every hash of the ledger (edge_sdk/ledger/key.py).
#ifndef OBCLIP_LEDGER_KEY_H
#define OBCLIP_LEDGER_KEY_H

#include <string>
#include <string_view>

namespace obclip {

inline constexpr std::size_t KEY_BYTES = 32;

// HMAC-SHA256 (RFC 2104), 32 bytes; `purpose` keeps hashes of different uses apart. Both are UTF-8.
std::string keyed_hash(std::string_view key, std::string_view purpose, std::string_view text);

}  // namespace obclip

#endif
