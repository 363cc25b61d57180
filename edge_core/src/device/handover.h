// Where the device takes over: from its own latent, or from a neighbour's at a higher noise level
// (edge_sdk/device/handover.py).
#ifndef OBCLIP_DEVICE_HANDOVER_H
#define OBCLIP_DEVICE_HANDOVER_H

#include <cstdint>
#include <vector>

#include "contract/response.h"
#include "contract/sampler.h"
#include "device/start.h"
#include "result.h"

namespace obclip {

// Share of the steps that a neighbour's prompt may have driven.
inline constexpr double EARLY_SHARE = 0.2;
// How far the cloud's noise level may lie from the one that the device's own schedule has after the same steps.
inline constexpr double LEVEL_SLACK = 2.0;

// The public numbers of the run.
struct Run {
  Text sampler;
  int steps = 0;
  std::uint64_t seed = 0;
  NoiseSchedule schedule;
  LatentShape shape;
};

// What the release says of the rows that were sent: `may_miss`, they may lack the truth; `exact`, the device's row is
// the truth's; `local_on_miss`, a miss is made on the device alone.
struct Aim {
  bool may_miss = false;
  bool exact = true;
  bool local_on_miss = false;
};

// The device's own member with the rows still to do.
Result<Start> take_over(Start own, const Aim& aim, const Run& run);
// Where the rows may lack the truth: the start for a miss, and as many device steps for a hit.
Result<Start> restore_level(Start start, const Aim& aim, const Run& run);
// One rule for all members: the level that the cloud claims fits the steps that it was asked for (LatentError).
Status check_level(View sampler, const NoiseSchedule& schedule, int steps, int cloud_steps, double log_snr);
// log-SNR after the early share of a run: where a neighbour's latent is taken back to.
Result<double> early_level(View sampler, const NoiseSchedule& schedule, int steps);
// A latent at `log_snr` with noise added up to `target`, which is noisier.
std::vector<float> take_back(const std::vector<float>& latent, double log_snr, double target, std::uint64_t seed);

}  // namespace obclip

#endif
