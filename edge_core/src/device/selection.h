// Take one's own latent out of the whole set, which was received and checked before (edge_sdk/device/selection.py).
#ifndef OBCLIP_DEVICE_SELECTION_H
#define OBCLIP_DEVICE_SELECTION_H

#include <cstddef>

#include "contract/response.h"
#include "device/start.h"
#include "result.h"

namespace obclip {

// Largest magnitude of any value of any member.
inline constexpr double MAX_MAGNITUDE = 64.0;

// Member `index` of a checked response of members of `size` values; LatentError if some member, whichever, is out of
// range. Nothing that can be seen from outside depends on `index`.
Result<Start> select(const LatentsResponse& response, std::size_t index, std::size_t size);

}  // namespace obclip

#endif
