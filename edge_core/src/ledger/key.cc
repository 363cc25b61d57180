// The device key keys every hash of the ledger (edge_sdk/ledger/key.py).
#include "ledger/key.h"

#include "contract/sha256.h"

namespace obclip {

std::string keyed_hash(std::string_view key, std::string_view purpose, std::string_view text) {
  constexpr std::size_t BLOCK = 64;
  std::string inner(BLOCK, '\x36'), outer(BLOCK, '\x5c');
  for (std::size_t i = 0; i < key.size() && i < BLOCK; ++i) {  // a device key is shorter than a block
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  inner.append(purpose).append(1, '\0').append(text);
  const auto first = sha256(inner);
  outer.append(first.begin(), first.end());
  const auto second = sha256(outer);
  return std::string(second.begin(), second.end());
}

}  // namespace obclip
