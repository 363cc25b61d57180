// From a text's tokens to the row that a text encoder reads: start, words, end, padding (obclip_contract/framing.py).
#ifndef OBCLIP_CONTRACT_FRAMING_H
#define OBCLIP_CONTRACT_FRAMING_H

#include <cstdint>
#include <vector>

namespace obclip {

// Start and end, which every text carries.
inline constexpr int MARKS = 2;

// The manifest's entry, without the file.
struct TokenizerSpec {
  int max_length = 0;
  std::int32_t bos_id = 0, eos_id = 0, pad_id = 0;
};

// Ids of words as one row after another of `max_length`. No text may have more than max_length - MARKS; what is longer
// is cut here, and refused by every caller before.
std::vector<std::int32_t> frame_tokens(const std::vector<std::vector<std::int32_t>>& texts, const TokenizerSpec& spec);

}  // namespace obclip

#endif
