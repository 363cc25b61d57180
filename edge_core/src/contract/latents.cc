// Arithmetic on latents that every side does alike, in float32 and numpy's order (obclip_contract/latents.py).
#include "contract/latents.h"

#include <cmath>
#include <cstddef>

#include "exact.h"

namespace obclip {

std::vector<float> guide(const float* wanted, const float* plain, std::size_t count, double scale) {
  const float by = static_cast<float>(scale);
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = plain[i] + by * (wanted[i] - plain[i]);
  return out;
}

std::vector<float> unscale(const std::vector<float>& latents, double scaling_factor, double shift_factor) {
  const float by = static_cast<float>(scaling_factor), shift = static_cast<float>(shift_factor);
  std::vector<float> out(latents.size());
  for (std::size_t i = 0; i < latents.size(); ++i) out[i] = latents[i] / by + shift;
  return out;
}

bool all_finite(const float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (!std::isfinite(values[i])) return false;
  return true;
}

}  // namespace obclip
