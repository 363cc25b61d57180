// Pictures: from the decoder's array to bytes (edge_sdk/device/images.py, to_image).
#ifndef OBCLIP_DEVICE_IMAGES_H
#define OBCLIP_DEVICE_IMAGES_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "result.h"

namespace obclip {

// float32 [3, S, S] in [-1, 1] -> RGB bytes [S, S, 3]; LatentError if a value is not finite or the count is no 3·S·S.
Result<std::vector<std::uint8_t>> to_image(const float* decoded, std::size_t count, std::size_t side);

}  // namespace obclip

#endif
