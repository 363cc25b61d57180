// The one response: a safetensors body with the latents of every member in half precision (obclip_contract/response.py).
#ifndef OBCLIP_CONTRACT_RESPONSE_H
#define OBCLIP_CONTRACT_RESPONSE_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "result.h"

namespace obclip {

inline constexpr std::string_view MEDIA_TYPE = "application/vnd.obclip.latents+safetensors";

// [C, H, W] of a latent; each at least 1.
struct LatentShape {
  int channels = 0, height = 0, width = 0;
  // Saturates at 2^60.
  std::int64_t size() const;
  bool operator==(const LatentShape& o) const {
    return channels == o.channels && height == o.height && width == o.width;
  }
};

// What the reader knows before it reads.
struct Expected {
  int candidates = 0;
  LatentShape shape;
  std::string request_sha256;
  std::string pair_sha256;
  bool carry = false;
};

// Half-precision values, little-endian, of all members: a part of the response's body, which must outlive it.
struct Halves {
  std::string_view bytes;
  std::size_t count() const { return bytes.size() / 2; }
  std::uint16_t bits(std::size_t i) const {
    const auto low = static_cast<unsigned char>(bytes[2 * i]), high = static_cast<unsigned char>(bytes[2 * i + 1]);
    return static_cast<std::uint16_t>(low | high << 8);
  }
};

// The value of IEEE half-precision bits.
float half_value(std::uint16_t bits);

struct LatentsResponse {
  Halves latents;
  int cloud_steps = 0;
  double log_snr = 0;
  std::string plan;
  std::optional<Halves> x0;
  std::optional<double> x0_log_snr;

  // Parsed and checked, every member by one rule (ResponseError). Points into `body`.
  static Result<LatentsResponse> from_bytes(std::string_view body, const Expected& expected);
};

}  // namespace obclip

#endif
