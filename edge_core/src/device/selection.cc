// Take one's own latent out of the whole set, which was received and checked before (edge_sdk/device/selection.py).
#include "device/selection.h"

#include "mechanisms/printing.h"

namespace obclip {
namespace {

// The half-precision bits of MAX_MAGNITUDE; those of larger numbers of one sign are larger.
constexpr std::uint16_t MAX_BITS = 0x5400;
static_assert(MAX_MAGNITUDE == 64.0);

bool within(const Halves& halves) {
  bool fits = true;  // all are looked at, whichever fails
  for (std::size_t i = 0; i < halves.count(); ++i) fits &= (halves.bits(i) & 0x7FFF) <= MAX_BITS;
  return fits;
}

std::vector<float> member(const Halves& halves, std::size_t index, std::size_t size) {
  std::vector<float> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = half_value(halves.bits(index * size + i));
  return out;
}

}  // namespace

Result<Start> select(const LatentsResponse& response, std::size_t index, std::size_t size) {
  const bool fits = within(response.latents);
  if (!fits || (response.x0 && !within(*response.x0))) {
    return Error{Refusal::LATENT, "the cloud's latents reach beyond ±" + general_text(MAX_MAGNITUDE) +
                                      ", where no picture is; the whole set is discarded"};
  }
  if (size == 0 || index >= response.latents.count() / size) {
    return Error{Refusal::MISUSE, "no such member"};  // no caller asks for it
  }
  Start out;
  out.latent = member(response.latents, index, size);
  out.log_snr = response.log_snr;
  if (response.x0) out.x0 = member(*response.x0, index, size);
  out.x0_log_snr = response.x0_log_snr;
  return out;
}

}  // namespace obclip
