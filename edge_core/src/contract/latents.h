// Arithmetic on latents that every side does alike, in float32 and numpy's order (obclip_contract/latents.py).
#ifndef OBCLIP_CONTRACT_LATENTS_H
#define OBCLIP_CONTRACT_LATENTS_H

#include <vector>

namespace obclip {

// Classifier-free guidance: the model's outputs with the prompt and with the negative prompt, of one size.
std::vector<float> guide(const float* wanted, const float* plain, std::size_t count, double scale);
// Whether the negative prompt is asked for at all: there is no guidance at 1 and less.
inline bool is_guided(double scale) { return scale > 1.0; }
// The sampler's latents as the decoder takes them.
std::vector<float> unscale(const std::vector<float>& latents, double scaling_factor, double shift_factor);
bool all_finite(const float* values, std::size_t count);

}  // namespace obclip

#endif
