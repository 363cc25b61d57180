// From a text's tokens to the row that a text encoder reads: start, words, end, padding (obclip_contract/framing.py).
#include "contract/framing.h"

#include <algorithm>

namespace obclip {

std::vector<std::int32_t> frame_tokens(const std::vector<std::vector<std::int32_t>>& texts, const TokenizerSpec& spec) {
  const auto length = static_cast<std::size_t>(std::max(spec.max_length, MARKS));
  std::vector<std::int32_t> rows(texts.size() * length, spec.pad_id);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::size_t words = std::min(texts[i].size(), length - MARKS);
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(i * length);
    row[0] = spec.bos_id;
    std::copy_n(texts[i].begin(), words, row + 1);
    row[static_cast<std::ptrdiff_t>(words + 1)] = spec.eos_id;
  }
  return rows;
}

}  // namespace obclip
