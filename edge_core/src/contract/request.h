// The one request a device sends: canonical JSON, padded to a length bucket (obclip_contract/request.py).
#ifndef OBCLIP_CONTRACT_REQUEST_H
#define OBCLIP_CONTRACT_REQUEST_H

#include <cstdint>
#include <string>

#include "contract/grid.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// What a run is unless somebody says otherwise (obclip_contract/defaults.py).
namespace defaults {
inline constexpr int STEPS = 25;
inline constexpr int CLOUD_STEPS = 10;
inline constexpr double GUIDANCE = 5.0;
inline constexpr View SAMPLER = U"dpmpp_2m";
inline constexpr View HANDOVER = U"restart";
inline constexpr View PLAN = U"balanced";
inline constexpr int DEVICE_STRIDE = 1;
// Cloud steps k for a run of `steps` where only those were said.
int follow_steps(int steps);
}  // namespace defaults

inline constexpr int REQUEST_VERSION = 1;
inline constexpr View RESTART = U"restart";
inline constexpr View CARRY = U"carry";

// Made by `make`, which checks every limit of the contract (RequestError: kind INPUT, "field: message").
struct GenerateRequest {
  Text model;
  Text lexicon;
  PromptGrid grid;
  std::uint64_t seed = 0;
  double guidance_scale = defaults::GUIDANCE;  // `make` rounds it to the four decimals that are sent
  Text negative_prompt;
  Text sampler = Text(defaults::SAMPLER);
  int steps = defaults::STEPS;
  int cloud_steps = defaults::CLOUD_STEPS;
  Text handover = Text(defaults::HANDOVER);
  Text plan = Text(defaults::PLAN);

  // `fields` with the guidance rounded, and the body that is sent.
  static Result<GenerateRequest> make(GenerateRequest fields);
  // Canonical JSON in UTF-8, padded.
  const std::string& to_bytes() const { return body_; }
  // Hex SHA-256 of the body; a response names it.
  std::string sha256() const;

 private:
  std::string body_;
};

}  // namespace obclip

#endif
