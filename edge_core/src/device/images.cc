// Pictures: from the decoder's array to bytes (edge_sdk/device/images.py, to_image).
#include "device/images.h"

#include <algorithm>
#include <cmath>

#include "contract/latents.h"

namespace obclip {

Result<std::vector<std::uint8_t>> to_image(const float* decoded, std::size_t count, std::size_t side) {
  const std::size_t area = side * side;
  if (count != 3 * area || !all_finite(decoded, count)) {
    return Error{Refusal::LATENT, "the decoded picture holds values that are not finite"};
  }
  std::vector<std::uint8_t> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float scaled = std::clamp((decoded[i] + 1.0f) * 127.5f, 0.0f, 255.0f);
    out[i % area * 3 + i / area] = static_cast<std::uint8_t>(std::nearbyint(scaled));
  }
  return out;
}

}  // namespace obclip
