// Every limit of the wire format; the reasons stand in the reference (obclip_contract/limits.py). Checked before
// anything is allocated by a number that came from outside.
#ifndef OBCLIP_CONTRACT_LIMITS_H
#define OBCLIP_CONTRACT_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace obclip::limits {

inline constexpr int MAX_CANDIDATES = 64;
inline constexpr int MAX_AXES = 12;
inline constexpr int MAX_VALUES_PER_AXIS = 64;
inline constexpr int MAX_PHRASES = 64;
inline constexpr int MAX_TEMPLATE_CHARS = 2000;
inline constexpr int MAX_PHRASE_CHARS = 200;
inline constexpr int MAX_NAME_CHARS = 64;
inline constexpr int MAX_MEMBER_CHARS = 4000;
inline constexpr int MAX_NEGATIVE_CHARS = 2000;
inline constexpr std::size_t MAX_REQUEST_BYTES = 256 * 1024;
inline constexpr std::size_t REQUEST_BUCKET_BYTES = 512;
inline constexpr std::size_t REQUEST_ROOM_BYTES = 1024;
inline constexpr std::size_t REQUEST_TEXT_BUCKET_BYTES = 64;
inline constexpr std::size_t REQUEST_ROOM_PER_TEXT_BYTE = 2;
inline constexpr std::size_t REQUEST_ROOM_PER_CANDIDATE = 32;
inline constexpr int MAX_STEPS = 200;
inline constexpr double MAX_GUIDANCE = 30.0;
inline constexpr int GUIDANCE_DECIMALS = 4;
inline constexpr int MAX_TRAIN_TIMESTEPS = 10000;
inline constexpr double MAX_ABS_LOG_SNR = 60.0;
inline constexpr std::size_t MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
inline constexpr std::size_t MAX_RESPONSE_HEADER_BYTES = 16 * 1024;
inline constexpr std::size_t MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

}  // namespace obclip::limits

#endif
